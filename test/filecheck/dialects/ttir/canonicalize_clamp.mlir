// RUN: tt-opt %s -p canonicalize | filecheck %s

// Bounds of a clamp between tensors may be numbers; two clamps are one; one to all numbers does nothing.

func.func @merged(%x : tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %a = "ttir.clamp_scalar"(%x) <{min = -1.0 : f32, max = 4.0 : f32}> : (tensor<4xf32>) -> tensor<4xf32>
  %b = "ttir.clamp_scalar"(%a) <{min = 0 : i32, max = 6 : i32}> : (tensor<4xf32>) -> tensor<4xf32>
  %c = "ttir.clamp_scalar"(%a) <{min = 5.0 : f32, max = 7.0 : f32}> : (tensor<4xf32>) -> tensor<4xf32>
  %d = "ttir.clamp_scalar"(%a) <{min = 3.0 : f32, max = 2.0 : f32}> : (tensor<4xf32>) -> tensor<4xf32>
  func.return %b, %c, %d : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
// CHECK-LABEL: func.func @merged(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
// CHECK-NEXT:    %b = "ttir.clamp_scalar"(%x) <{max = 4.000000e+00 : f32, min = 0 : i32}> : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %c = "ttir.clamp_scalar"(%x) <{max = 5.000000e+00 : f32, min = 5.000000e+00 : f32}> : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %d = "ttir.clamp_scalar"(%x) <{max = 2.000000e+00 : f32, min = 2.000000e+00 : f32}> : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    func.return %b, %c, %d : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
// CHECK-NEXT:  }

func.func @not_merged(%x : tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %a = "ttir.clamp_scalar"(%x) <{min = 0.0 : f32, max = 6.0 : f32}> : (tensor<4xf32>) -> tensor<4xbf16>
  %b = "ttir.clamp_scalar"(%a) <{min = 0.1 : f32, max = 5.0 : f32}> : (tensor<4xbf16>) -> tensor<4xf32>
  %c = "ttir.clamp_scalar"(%x) <{min = 0x7FC00000 : f32, max = 6.0 : f32}> : (tensor<4xf32>) -> tensor<4xf32>
  %d = "ttir.clamp_scalar"(%c) <{min = 0.0 : f32, max = 5.0 : f32}> : (tensor<4xf32>) -> tensor<4xf32>
  func.return %b, %d : tensor<4xf32>, tensor<4xf32>
}
// CHECK-LABEL: func.func @not_merged(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
// CHECK-NEXT:    %a = "ttir.clamp_scalar"(%x) <{min = 0.000000e+00 : f32, max = 6.000000e+00 : f32}> : (tensor<4xf32>) -> tensor<4xbf16>
// CHECK-NEXT:    %b = "ttir.clamp_scalar"(%a) <{min = 1.000000e-01 : f32, max = 5.000000e+00 : f32}> : (tensor<4xbf16>) -> tensor<4xf32>
// CHECK-NEXT:    %c = "ttir.clamp_scalar"(%x) <{min = 0x7FC00000 : f32, max = 6.000000e+00 : f32}> : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %d = "ttir.clamp_scalar"(%c) <{min = 0.000000e+00 : f32, max = 5.000000e+00 : f32}> : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    func.return %b, %d : tensor<4xf32>, tensor<4xf32>
// CHECK-NEXT:  }

func.func @ineffective(%x : tensor<4xf32>, %i : tensor<4xi8>, %u : tensor<4xui8>) -> (tensor<4xf32>, tensor<4xi8>, tensor<4xui8>, tensor<4xf32>) {
  %a = "ttir.clamp_scalar"(%x) <{min = 0xFF800000 : f32, max = 0x7F800000 : f32}> : (tensor<4xf32>) -> tensor<4xf32>
  %b = "ttir.clamp_scalar"(%i) <{min = -200 : i32, max = 127 : i32}> : (tensor<4xi8>) -> tensor<4xi8>
  %c = "ttir.clamp_scalar"(%u) <{min = 0.0 : f32, max = 255.0 : f32}> : (tensor<4xui8>) -> tensor<4xui8>
  %d = "ttir.clamp_scalar"(%x) <{min = -1.0 : f32, max = 0x7F800000 : f32}> : (tensor<4xf32>) -> tensor<4xf32>
  func.return %a, %b, %c, %d : tensor<4xf32>, tensor<4xi8>, tensor<4xui8>, tensor<4xf32>
}
// CHECK-LABEL: func.func @ineffective(%x: tensor<4xf32>, %i: tensor<4xi8>, %u: tensor<4xui8>) -> (tensor<4xf32>, tensor<4xi8>, tensor<4xui8>, tensor<4xf32>) {
// CHECK-NEXT:    %d = "ttir.clamp_scalar"(%x) <{min = -1.000000e+00 : f32, max = 0x7F800000 : f32}> : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    func.return %x, %i, %u, %d : tensor<4xf32>, tensor<4xi8>, tensor<4xui8>, tensor<4xf32>
// CHECK-NEXT:  }

func.func @tensors(%x : tensor<2x4xbf16>, %y : tensor<4xbf16>) -> (tensor<2x4xbf16>, tensor<2x4xbf16>) {
  %low = "ttir.zeros"() <{shape = array<i32: 2, 4>}> : () -> tensor<2x4xbf16>
  %high = "ttir.full"() <{fill_value = 0.1 : f32, shape = array<i32: 4>}> : () -> tensor<4xbf16>
  %a = "ttir.clamp_tensor"(%x, %low, %high) : (tensor<2x4xbf16>, tensor<2x4xbf16>, tensor<4xbf16>) -> tensor<2x4xbf16>
  %b = "ttir.clamp_tensor"(%y, %low, %high) : (tensor<4xbf16>, tensor<2x4xbf16>, tensor<4xbf16>) -> tensor<2x4xbf16>
  func.return %a, %b : tensor<2x4xbf16>, tensor<2x4xbf16>
}
// CHECK-LABEL: func.func @tensors(%x: tensor<2x4xbf16>, %y: tensor<4xbf16>) -> (tensor<2x4xbf16>, tensor<2x4xbf16>) {
// CHECK-NEXT:    %low = "ttir.zeros"() <{shape = array<i32: 2, 4>}> : () -> tensor<2x4xbf16>
// CHECK-NEXT:    %high = "ttir.full"() <{fill_value = 1.000000e-01 : f32, shape = array<i32: 4>}> : () -> tensor<4xbf16>
// CHECK-NEXT:    %a = "ttir.clamp_scalar"(%x) <{max = 0.100097656 : f32, min = 0.000000e+00 : f32}> : (tensor<2x4xbf16>) -> tensor<2x4xbf16>
// CHECK-NEXT:    %b = "ttir.clamp_tensor"(%y, %low, %high) : (tensor<4xbf16>, tensor<2x4xbf16>, tensor<4xbf16>) -> tensor<2x4xbf16>
// CHECK-NEXT:    func.return %a, %b : tensor<2x4xbf16>, tensor<2x4xbf16>
// CHECK-NEXT:  }
