// RUN: tt-opt %s -p canonicalize | filecheck %s

// Elements that have the quantisation already stay as they are.
func.func @identity(%q: tensor<2x!quant.uniform<i8:f32, 0.1:3>>) -> tensor<2x!quant.uniform<i8:f32, 0.1:3>> {
  %0 = "ttir.requantize"(%q) : (tensor<2x!quant.uniform<i8:f32, 0.1:3>>) -> tensor<2x!quant.uniform<i8:f32, 0.1:3>>
  func.return %0 : tensor<2x!quant.uniform<i8:f32, 0.1:3>>
}
// CHECK-LABEL: func.func @identity
// CHECK-NEXT:    func.return %q

// Each of two requantisations rounds, so they are not merged.
func.func @chain(%q: tensor<2x!quant.uniform<i8:f32, 0.1>>) -> tensor<2x!quant.uniform<i8:f32, 0.1>> {
  %0 = "ttir.requantize"(%q) : (tensor<2x!quant.uniform<i8:f32, 0.1>>) -> tensor<2x!quant.uniform<i8:f32, 0.2>>
  %1 = "ttir.requantize"(%0) : (tensor<2x!quant.uniform<i8:f32, 0.2>>) -> tensor<2x!quant.uniform<i8:f32, 0.1>>
  func.return %1 : tensor<2x!quant.uniform<i8:f32, 0.1>>
}
// CHECK-LABEL: func.func @chain
// CHECK-NEXT:    %[[HALF:.*]] = "ttir.requantize"(%q)
// CHECK-NEXT:    %[[BACK:.*]] = "ttir.requantize"(%[[HALF]])
// CHECK-NEXT:    func.return %[[BACK]]
