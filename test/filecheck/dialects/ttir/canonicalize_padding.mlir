// RUN: tt-opt %s -p canonicalize | filecheck %s

// Pads.

// A pad by zeros is none.
func.func @by_zeros(%x : tensor<2x3xf32>) -> (tensor<2x3xf32>) {
  %a = "ttir.pad"(%x) <{padding = array<i32: 0, 0, 0, 0>, value = 1.0 : f32}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
  func.return %a : tensor<2x3xf32>
}
// CHECK-LABEL: func.func @by_zeros(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
// CHECK-NEXT:    func.return %x : tensor<2x3xf32>
// CHECK-NEXT:  }

// As many elements taken as added are not the same ones.
func.func @shifted(%x : tensor<3xf32>) -> (tensor<3xf32>) {
  %a = "ttir.pad"(%x) <{padding = array<i32: 1, -1>, value = 1.0 : f32}> : (tensor<3xf32>) -> tensor<3xf32>
  func.return %a : tensor<3xf32>
}
// CHECK-LABEL: func.func @shifted(%x: tensor<3xf32>) -> tensor<3xf32> {
// CHECK-NEXT:    %a = "ttir.pad"(%x) <{padding = array<i32: 1, -1>, value = 1.000000e+00 : f32}> : (tensor<3xf32>) -> tensor<3xf32>
// CHECK-NEXT:    func.return %a : tensor<3xf32>
// CHECK-NEXT:  }

// Two pads with one value are one, also where the second takes away what the first added.
func.func @merged(%x : tensor<2x3xf32>) -> (tensor<6x3xf32>) {
  %a = "ttir.pad"(%x) <{padding = array<i32: 1, 0, 1, 2>, value = 1.0 : f32}> : (tensor<2x3xf32>) -> tensor<3x6xf32>
  %b = "ttir.pad"(%a) <{padding = array<i32: 2, 1, -3, 0>, value = 1.0 : f32}> : (tensor<3x6xf32>) -> tensor<6x3xf32>
  func.return %b : tensor<6x3xf32>
}
// CHECK-LABEL: func.func @merged(%x: tensor<2x3xf32>) -> tensor<6x3xf32> {
// CHECK-NEXT:    %b = "ttir.pad"(%x) <{padding = array<i32: 3, 1, -2, 2>, value = 1.000000e+00 : f32}> : (tensor<2x3xf32>) -> tensor<6x3xf32>
// CHECK-NEXT:    func.return %b : tensor<6x3xf32>
// CHECK-NEXT:  }

// Not with other values, nor where the first takes away what the second adds.
func.func @not_merged(%x : tensor<3xf32>) -> (tensor<5xf32>, tensor<3xf32>) {
  %a = "ttir.pad"(%x) <{padding = array<i32: 1, 0>, value = 1.0 : f32}> : (tensor<3xf32>) -> tensor<4xf32>
  %b = "ttir.pad"(%a) <{padding = array<i32: 0, 1>, value = 2.0 : f32}> : (tensor<4xf32>) -> tensor<5xf32>
  %c = "ttir.pad"(%x) <{padding = array<i32: -1, 0>, value = 1.0 : f32}> : (tensor<3xf32>) -> tensor<2xf32>
  %d = "ttir.pad"(%c) <{padding = array<i32: 1, 0>, value = 1.0 : f32}> : (tensor<2xf32>) -> tensor<3xf32>
  func.return %b, %d : tensor<5xf32>, tensor<3xf32>
}
// CHECK-LABEL: func.func @not_merged(%x: tensor<3xf32>) -> (tensor<5xf32>, tensor<3xf32>) {
// CHECK-NEXT:    %a = "ttir.pad"(%x) <{padding = array<i32: 1, 0>, value = 1.000000e+00 : f32}> : (tensor<3xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %b = "ttir.pad"(%a) <{padding = array<i32: 0, 1>, value = 2.000000e+00 : f32}> : (tensor<4xf32>) -> tensor<5xf32>
// CHECK-NEXT:    %c = "ttir.pad"(%x) <{padding = array<i32: -1, 0>, value = 1.000000e+00 : f32}> : (tensor<3xf32>) -> tensor<2xf32>
// CHECK-NEXT:    %d = "ttir.pad"(%c) <{padding = array<i32: 1, 0>, value = 1.000000e+00 : f32}> : (tensor<2xf32>) -> tensor<3xf32>
// CHECK-NEXT:    func.return %b, %d : tensor<5xf32>, tensor<3xf32>
// CHECK-NEXT:  }

// More of the same number.
func.func @filled() -> (tensor<4xf32>, tensor<4xf32>) {
  %z = "ttir.zeros"() <{shape = array<i32: 3>}> : () -> tensor<3xf32>
  %a = "ttir.pad"(%z) <{padding = array<i32: 1, 0>, value = 0.0 : f32}> : (tensor<3xf32>) -> tensor<4xf32>
  %b = "ttir.pad"(%z) <{padding = array<i32: 1, 0>, value = 1.0 : f32}> : (tensor<3xf32>) -> tensor<4xf32>
  func.return %a, %b : tensor<4xf32>, tensor<4xf32>
}
// CHECK-LABEL: func.func @filled() -> (tensor<4xf32>, tensor<4xf32>) {
// CHECK-NEXT:    %z = "ttir.zeros"() <{shape = array<i32: 3>}> : () -> tensor<3xf32>
// CHECK-NEXT:    %a = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xf32>
// CHECK-NEXT:    %b = "ttir.pad"(%z) <{padding = array<i32: 1, 0>, value = 1.000000e+00 : f32}> : (tensor<3xf32>) -> tensor<4xf32>
// CHECK-NEXT:    func.return %a, %b : tensor<4xf32>, tensor<4xf32>
// CHECK-NEXT:  }
