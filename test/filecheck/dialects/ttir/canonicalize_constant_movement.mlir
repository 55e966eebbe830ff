// RUN: tt-opt %s -p canonicalize | filecheck %s

// Constants that are reshaped and broadcast.

// Equal numbers are made in the shape that they come to.
func.func @chain(%x : tensor<128x360xf32>) -> (tensor<128x360xf32>) {
  %c = "ttir.constant"() <{value = dense<2.0> : tensor<f32>}> : () -> tensor<f32>
  %a = "ttir.reshape"(%c) <{shape = [1 : i32, 1 : i32, 1 : i32]}> : (tensor<f32>) -> tensor<1x1x1xf32>
  %b = "ttir.broadcast"(%a) <{broadcast_dimensions = array<i64: 1, 128, 360>}> : (tensor<1x1x1xf32>) -> tensor<1x128x360xf32>
  %d = "ttir.reshape"(%b) <{shape = [128 : i32, 360 : i32]}> : (tensor<1x128x360xf32>) -> tensor<128x360xf32>
  %r = "ttir.pow"(%x, %d) : (tensor<128x360xf32>, tensor<128x360xf32>) -> tensor<128x360xf32>
  func.return %r : tensor<128x360xf32>
}
// CHECK-LABEL: func.func @chain(%x: tensor<128x360xf32>) -> tensor<128x360xf32> {
// CHECK-NEXT:    %d = "ttir.full"() <{fill_value = 2.000000e+00 : f32, shape = array<i32: 128, 360>}> : () -> tensor<128x360xf32>
// CHECK-NEXT:    %r = "ttir.pow"(%x, %d) : (tensor<128x360xf32>, tensor<128x360xf32>) -> tensor<128x360xf32>
// CHECK-NEXT:    func.return %r : tensor<128x360xf32>
// CHECK-NEXT:  }

// Other numbers keep their order in another shape.
func.func @reshaped() -> (tensor<3x2xi32>) {
  %c = "ttir.constant"() <{value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>}> : () -> tensor<2x3xi32>
  %a = "ttir.reshape"(%c) <{shape = [3 : i32, -1 : i32]}> : (tensor<2x3xi32>) -> tensor<3x2xi32>
  func.return %a : tensor<3x2xi32>
}
// CHECK-LABEL: func.func @reshaped() -> tensor<3x2xi32> {
// CHECK-NEXT:    %a = "ttir.constant"() <{value = dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi32>}> : () -> tensor<3x2xi32>
// CHECK-NEXT:    func.return %a : tensor<3x2xi32>
// CHECK-NEXT:  }

// Not in another element type.
func.func @converted() -> (tensor<3xf32>) {
  %c = "ttir.constant"() <{value = dense<[[1, 2, 3]]> : tensor<1x3xi32>}> : () -> tensor<1x3xi32>
  %a = "ttir.reshape"(%c) <{shape = [3 : i32]}> : (tensor<1x3xi32>) -> tensor<3xf32>
  func.return %a : tensor<3xf32>
}
// CHECK-LABEL: func.func @converted() -> tensor<3xf32> {
// CHECK-NEXT:    %c = "ttir.constant"() <{value = dense<[[1, 2, 3]]> : tensor<1x3xi32>}> : () -> tensor<1x3xi32>
// CHECK-NEXT:    %a = "ttir.reshape"(%c) <{shape = [3 : i32]}> : (tensor<1x3xi32>) -> tensor<3xf32>
// CHECK-NEXT:    func.return %a : tensor<3xf32>
// CHECK-NEXT:  }
