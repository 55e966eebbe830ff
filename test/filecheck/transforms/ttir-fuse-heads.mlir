// RUN: tt-opt %s -p ttir-fuse | filecheck %s

// Heads that are joined.

func.func @heads(%x : tensor<2x3x4x8xf32>) -> tensor<2x4x24xf32> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 0, 2, 1, 3>}> : (tensor<2x3x4x8xf32>) -> tensor<2x4x3x8xf32>
  %a = "ttir.reshape"(%p) <{shape = [2 : i32, 4 : i32, 24 : i32]}> : (tensor<2x4x3x8xf32>) -> tensor<2x4x24xf32>
  func.return %a : tensor<2x4x24xf32>
}
// CHECK-LABEL: func.func @heads(
// CHECK-NEXT:    %a = "ttir.concatenate_heads"(%x)
// CHECK-NEXT:    func.return %a : tensor<2x4x24xf32>

func.func @joined_batches(%x : tensor<2x3x4x8xf32>) -> tensor<8x24xf32> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 0, 2, 1, 3>}> : (tensor<2x3x4x8xf32>) -> tensor<2x4x3x8xf32>
  %a = "ttir.reshape"(%p) <{shape = [8 : i32, 24 : i32]}> : (tensor<2x4x3x8xf32>) -> tensor<8x24xf32>
  func.return %a : tensor<8x24xf32>
}
// CHECK-LABEL: func.func @joined_batches(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.concatenate_heads"(%x)
// CHECK-NEXT:    %a = "ttir.reshape"(%[[V0]]) <{shape = [8 : i32, 24 : i32]}>
// CHECK-NEXT:    func.return %a : tensor<8x24xf32>

func.func @other_permutation(%x : tensor<2x8x3x4xf32>) -> tensor<2x4x24xf32> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 0, 3, 2, 1>}> : (tensor<2x8x3x4xf32>) -> tensor<2x4x3x8xf32>
  %a = "ttir.reshape"(%p) <{shape = [2 : i32, 4 : i32, 24 : i32]}> : (tensor<2x4x3x8xf32>) -> tensor<2x4x24xf32>
  func.return %a : tensor<2x4x24xf32>
}
// CHECK-LABEL: func.func @other_permutation(
// CHECK-NEXT:    %p = "ttir.permute"(%x)
// CHECK-NEXT:    %a = "ttir.reshape"(%p)
// CHECK-NEXT:    func.return %a : tensor<2x4x24xf32>

func.func @other_shape(%x : tensor<1x3x4x8xf32>) -> tensor<4x3x8xf32> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 0, 2, 1, 3>}> : (tensor<1x3x4x8xf32>) -> tensor<1x4x3x8xf32>
  %a = "ttir.reshape"(%p) <{shape = [4 : i32, 3 : i32, 8 : i32]}> : (tensor<1x4x3x8xf32>) -> tensor<4x3x8xf32>
  func.return %a : tensor<4x3x8xf32>
}
// CHECK-LABEL: func.func @other_shape(
// CHECK-NEXT:    %p = "ttir.permute"(%x)
// CHECK-NEXT:    %a = "ttir.reshape"(%p)
// CHECK-NEXT:    func.return %a : tensor<4x3x8xf32>
