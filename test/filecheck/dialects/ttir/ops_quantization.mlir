// RUN: tt-opt %s | filecheck %s
// RUN: tt-opt %s | tt-opt | filecheck %s

// Quantised types inside tensors are printed as MLIR prints them.

func.func @quantization(%x: tensor<2x3xf32>, %s: tensor<1xf32>, %z: tensor<1xi32>, %ss: tensor<3xf32>, %zs: tensor<3xi32>) {
  %q = "ttir.quantize"(%x) : (tensor<2x3xf32>) -> tensor<2x3x!quant.uniform<i8:f32, 0.1:3>>
  %p = "ttir.requantize"(%q) : (tensor<2x3x!quant.uniform<i8:f32, 0.1:3>>) -> tensor<2x3x!quant.uniform<u8<1:255>:f32:1, {0.1, 2.0e-02:3, 0.3}>>
  %d = "ttir.dequantize"(%p) : (tensor<2x3x!quant.uniform<u8<1:255>:f32:1, {0.1, 2.0e-02:3, 0.3}>>) -> tensor<2x3xf32>
  %u = "ttir.quantize_unrolled"(%x, %ss, %zs) {axis = 1 : i32} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xi32>) -> tensor<2x3x!quant.uniform<i8:f32:1, {0.1, 0.2, 0.3}>>
  %e = "ttir.dequantize_unrolled"(%u, %ss, %zs) <{axis = 1 : i32}> : (tensor<2x3x!quant.uniform<i8:f32:1, {0.1, 0.2, 0.3}>>, tensor<3xf32>, tensor<3xi32>) -> tensor<2x3xf32>
  %r = "ttir.requantize_unrolled"(%q, %s, %z, %s, %z) : (tensor<2x3x!quant.uniform<i8:f32, 0.1:3>>, tensor<1xf32>, tensor<1xi32>, tensor<1xf32>, tensor<1xi32>) -> tensor<2x3x!quant.uniform<i32:f32, 0.2>>
  func.return
}
// CHECK:      %q = "ttir.quantize"(%x) : (tensor<2x3xf32>) -> tensor<2x3x!quant.uniform<i8:f32, 1.000000e-01:3>>
// CHECK-NEXT: %p = "ttir.requantize"(%q) : (tensor<2x3x!quant.uniform<i8:f32, 1.000000e-01:3>>) -> tensor<2x3x!quant.uniform<u8<1:255>:f32:1, {1.000000e-01,2.000000e-02:3,3.000000e-01}>>
// CHECK-NEXT: %d = "ttir.dequantize"(%p) : (tensor<2x3x!quant.uniform<u8<1:255>:f32:1, {1.000000e-01,2.000000e-02:3,3.000000e-01}>>) -> tensor<2x3xf32>
// CHECK-NEXT: %u = "ttir.quantize_unrolled"(%x, %ss, %zs) <{axis = 1 : i32}> : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xi32>) -> tensor<2x3x!quant.uniform<i8:f32:1, {1.000000e-01,2.000000e-01,3.000000e-01}>>
// CHECK-NEXT: %e = "ttir.dequantize_unrolled"(%u, %ss, %zs) <{axis = 1 : i32}>
// CHECK-NEXT: %r = "ttir.requantize_unrolled"(%q, %s, %z, %s, %z) : {{.*}} -> tensor<2x3x!quant.uniform<i32:f32, 2.000000e-01>>
