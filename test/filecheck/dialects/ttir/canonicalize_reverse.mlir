// RUN: tt-opt %s -p canonicalize | filecheck %s

// Reversals.

// Twice is not at all; two are one of the dimensions that one of them has.
func.func @merged(%x : tensor<2x3x4xf32>) -> (tensor<2x3x4xf32>, tensor<2x3x4xf32>) {
  %a = "ttir.reverse"(%x) <{dimensions = array<i64: 2, 0>}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %b = "ttir.reverse"(%a) <{dimensions = array<i64: 0, 2>}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %c = "ttir.reverse"(%a) <{dimensions = array<i64: 1, 2>}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  func.return %b, %c : tensor<2x3x4xf32>, tensor<2x3x4xf32>
}
// CHECK-LABEL: func.func @merged(%x: tensor<2x3x4xf32>) -> (tensor<2x3x4xf32>, tensor<2x3x4xf32>) {
// CHECK-NEXT:    %c = "ttir.reverse"(%x) <{dimensions = array<i64: 0, 1>}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
// CHECK-NEXT:    func.return %x, %c : tensor<2x3x4xf32>, tensor<2x3x4xf32>
// CHECK-NEXT:  }

// One element looks the same from both sides.
func.func @unit_dimensions(%x : tensor<1x3xf32>) -> (tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>) {
  %a = "ttir.reverse"(%x) <{dimensions = array<i64: 0>}> : (tensor<1x3xf32>) -> tensor<1x3xf32>
  %b = "ttir.reverse"(%x) <{dimensions = array<i64>}> : (tensor<1x3xf32>) -> tensor<1x3xf32>
  %c = "ttir.reverse"(%x) <{dimensions = array<i64: 0, 1>}> : (tensor<1x3xf32>) -> tensor<1x3xf32>
  func.return %a, %b, %c : tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>
}
// CHECK-LABEL: func.func @unit_dimensions(%x: tensor<1x3xf32>) -> (tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>) {
// CHECK-NEXT:    %c = "ttir.reverse"(%x) <{dimensions = array<i64: 1>}> : (tensor<1x3xf32>) -> tensor<1x3xf32>
// CHECK-NEXT:    func.return %x, %x, %c : tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>
// CHECK-NEXT:  }
