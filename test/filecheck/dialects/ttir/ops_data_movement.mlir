// RUN: tt-opt %s | filecheck %s

// Ops that move elements.

func.func @movement(%x : tensor<2x1x4xf32>, %y : tensor<2x3x4xf32>) {
  %b = "ttir.broadcast"(%x) <{broadcast_dimensions = array<i64: 1, 3, 1>}> : (tensor<2x1x4xf32>) -> tensor<2x3x4xf32>
  %c = "ttir.concat"(%x, %y) <{dim = -2 : si32}> : (tensor<2x1x4xf32>, tensor<2x3x4xf32>) -> tensor<2x4x4xf32>
  %p = "ttir.permute"(%y) <{permutation = array<i64: 2, 0, 1>}> : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  %r = "ttir.reshape"(%y) <{shape = [-1 : i32, 12 : i32]}> : (tensor<2x3x4xf32>) -> tensor<2x12xf32>
  %s = "ttir.slice_static"(%y) <{begins = [0 : i32, -1 : i32, 3 : i32], ends = [1 : i32, 3 : i32, 0 : i32], step = [1 : i32, 1 : i32, -2 : i32]}> : (tensor<2x3x4xf32>) -> tensor<1x1x2xf32>
  %q = "ttir.squeeze"(%x) <{dim = 1 : si32}> : (tensor<2x1x4xf32>) -> tensor<2x4xf32>
  %t = "ttir.transpose"(%y) <{dim0 = 0 : si32, dim1 = -1 : si32}> : (tensor<2x3x4xf32>) -> tensor<4x3x2xf32>
  %u = "ttir.unsqueeze"(%y) <{dim = -1 : si32}> : (tensor<2x3x4xf32>) -> tensor<2x3x4x1xf32>
  func.return
}
// CHECK-LABEL: func.func @movement(%x: tensor<2x1x4xf32>, %y: tensor<2x3x4xf32>) {
// CHECK-NEXT:    %b = "ttir.broadcast"(%x) <{broadcast_dimensions = array<i64: 1, 3, 1>}> : (tensor<2x1x4xf32>) -> tensor<2x3x4xf32>
// CHECK-NEXT:    %c = "ttir.concat"(%x, %y) <{dim = -2 : si32}> : (tensor<2x1x4xf32>, tensor<2x3x4xf32>) -> tensor<2x4x4xf32>
// CHECK-NEXT:    %p = "ttir.permute"(%y) <{permutation = array<i64: 2, 0, 1>}> : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
// CHECK-NEXT:    %r = "ttir.reshape"(%y) <{shape = [-1 : i32, 12 : i32]}> : (tensor<2x3x4xf32>) -> tensor<2x12xf32>
// CHECK-NEXT:    %s = "ttir.slice_static"(%y) <{begins = [0 : i32, -1 : i32, 3 : i32], ends = [1 : i32, 3 : i32, 0 : i32], step = [1 : i32, 1 : i32, -2 : i32]}> : (tensor<2x3x4xf32>) -> tensor<1x1x2xf32>
// CHECK-NEXT:    %q = "ttir.squeeze"(%x) <{dim = 1 : si32}> : (tensor<2x1x4xf32>) -> tensor<2x4xf32>
// CHECK-NEXT:    %t = "ttir.transpose"(%y) <{dim0 = 0 : si32, dim1 = -1 : si32}> : (tensor<2x3x4xf32>) -> tensor<4x3x2xf32>
// CHECK-NEXT:    %u = "ttir.unsqueeze"(%y) <{dim = -1 : si32}> : (tensor<2x3x4xf32>) -> tensor<2x3x4x1xf32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }
