// RUN: tt-opt %s -p verify-aten | filecheck %s

// Calls of operators in functions, and functions that only higher-order operators call.
func.func @f(%x : tensor<4xf32>) -> tensor<4xf32> {
  %0 = aten.call "aten.relu.default"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}
func.func private @body(%x : tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}
// CHECK-LABEL: func.func @f
// CHECK-NEXT:    %0 = aten.call "aten.relu.default"(%x)
