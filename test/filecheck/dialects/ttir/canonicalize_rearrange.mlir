// RUN: tt-opt %s -p canonicalize | filecheck %s

// Rearrangements are permutes, with a reshape where they merge dimensions.

func.func @reordered(%x : tensor<2x3x4xf32>) -> (tensor<4x2x3xf32>, tensor<2x3x4xf32>) {
  %a = "ttir.rearrange"(%x) <{pattern = "a b c -> c a b"}> : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  %b = "ttir.rearrange"(%x) <{pattern = "a b c -> a (b) c"}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  func.return %a, %b : tensor<4x2x3xf32>, tensor<2x3x4xf32>
}
// CHECK-LABEL: func.func @reordered(%x: tensor<2x3x4xf32>) -> (tensor<4x2x3xf32>, tensor<2x3x4xf32>) {
// CHECK-NEXT:    %a = "ttir.permute"(%x) <{permutation = array<i64: 2, 0, 1>}> : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
// CHECK-NEXT:    func.return %a, %x : tensor<4x2x3xf32>, tensor<2x3x4xf32>
// CHECK-NEXT:  }

func.func @merged(%x : tensor<2x3x4x5xf32>) -> (tensor<2x5x12xf32>, tensor<6x4x5xf32>) {
  %a = "ttir.rearrange"(%x) <{pattern = "b h w c -> b c (h w)"}> : (tensor<2x3x4x5xf32>) -> tensor<2x5x12xf32>
  %b = "ttir.rearrange"(%x) <{pattern = "b h w c -> (b h) w c"}> : (tensor<2x3x4x5xf32>) -> tensor<6x4x5xf32>
  func.return %a, %b : tensor<2x5x12xf32>, tensor<6x4x5xf32>
}
// CHECK-LABEL: func.func @merged(%x: tensor<2x3x4x5xf32>) -> (tensor<2x5x12xf32>, tensor<6x4x5xf32>) {
// CHECK-NEXT:    %a = "ttir.permute"(%x) <{permutation = array<i64: 0, 3, 1, 2>}> : (tensor<2x3x4x5xf32>) -> tensor<2x5x3x4xf32>
// CHECK-NEXT:    %a_1 = "ttir.reshape"(%a) <{shape = [2 : i32, 5 : i32, 12 : i32]}> : (tensor<2x5x3x4xf32>) -> tensor<2x5x12xf32>
// CHECK-NEXT:    %b = "ttir.reshape"(%x) <{shape = [6 : i32, 4 : i32, 5 : i32]}> : (tensor<2x3x4x5xf32>) -> tensor<6x4x5xf32>
// CHECK-NEXT:    func.return %a_1, %b : tensor<2x5x12xf32>, tensor<6x4x5xf32>
// CHECK-NEXT:  }
