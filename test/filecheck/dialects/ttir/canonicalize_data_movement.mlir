// RUN: tt-opt %s -p canonicalize | filecheck %s

// Ops that move elements.

// What moves nothing goes.
func.func @identities(%x : tensor<2x3x4xf32>, %s : tensor<1x3x1xf32>) -> (tensor<2x3x4xf32>, tensor<1x3x1xf32>) {
  %r = "ttir.reshape"(%x) <{shape = [2 : i32, -1 : i32, 4 : i32]}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %b = "ttir.broadcast"(%r) <{broadcast_dimensions = array<i64: 1, 1, 1>}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %p = "ttir.permute"(%b) <{permutation = array<i64: 0, 1, 2>}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %t = "ttir.transpose"(%p) <{dim0 = 1 : si32, dim1 = -2 : si32}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %l = "ttir.slice_static"(%t) <{begins = [0 : i32, 0 : i32, 0 : i32], ends = [2 : i32, 3 : i32, 4 : i32], step = [1 : i32, 1 : i32, 1 : i32]}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %c = "ttir.concat"(%l) <{dim = 0 : si32}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %u = "ttir.permute"(%s) <{permutation = array<i64: 2, 1, 0>}> : (tensor<1x3x1xf32>) -> tensor<1x3x1xf32>
  func.return %c, %u : tensor<2x3x4xf32>, tensor<1x3x1xf32>
}
// CHECK-LABEL: func.func @identities(%x: tensor<2x3x4xf32>, %s: tensor<1x3x1xf32>) -> (tensor<2x3x4xf32>, tensor<1x3x1xf32>) {
// CHECK-NEXT:    func.return %x, %s : tensor<2x3x4xf32>, tensor<1x3x1xf32>
// CHECK-NEXT:  }

// The same shape is not enough.
func.func @no_identities(%x : tensor<2x2xf32>) -> (tensor<2x1xf32>) {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %r = "ttir.slice_static"(%p) <{begins = [0 : i32, 0 : i32], ends = [2 : i32, 2 : i32], step = [1 : i32, 2 : i32]}> : (tensor<2x2xf32>) -> tensor<2x1xf32>
  func.return %r : tensor<2x1xf32>
}
// CHECK-LABEL: func.func @no_identities(%x: tensor<2x2xf32>) -> tensor<2x1xf32> {
// CHECK-NEXT:    %p = "ttir.permute"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<2x2xf32>) -> tensor<2x2xf32>
// CHECK-NEXT:    %r = "ttir.slice_static"(%p) <{begins = [0 : i32, 0 : i32], ends = [2 : i32, 2 : i32], step = [1 : i32, 2 : i32]}> : (tensor<2x2xf32>) -> tensor<2x1xf32>
// CHECK-NEXT:    func.return %r : tensor<2x1xf32>
// CHECK-NEXT:  }

// Chains become one op, or none; a permute that tt-mlir split on purpose stays.
func.func @merged(%x : tensor<2x3x4xf32>) -> (tensor<24xf32>, tensor<4x3x2xf32>, tensor<2x3x4xf32>, tensor<4x3x2xf32>) {
  %a = "ttir.reshape"(%x) <{shape = [6 : i32, 4 : i32]}> : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %b = "ttir.unsqueeze"(%a) <{dim = 0 : si32}> : (tensor<6x4xf32>) -> tensor<1x6x4xf32>
  %c = "ttir.reshape"(%b) <{shape = [24 : i32]}> : (tensor<1x6x4xf32>) -> tensor<24xf32>
  %t = "ttir.transpose"(%x) <{dim0 = 0 : si32, dim1 = 1 : si32}> : (tensor<2x3x4xf32>) -> tensor<3x2x4xf32>
  %p = "ttir.permute"(%t) <{permutation = array<i64: 2, 0, 1>}> : (tensor<3x2x4xf32>) -> tensor<4x3x2xf32>
  %o = "ttir.permute"(%p) <{permutation = array<i64: 2, 1, 0>}> : (tensor<4x3x2xf32>) -> tensor<2x3x4xf32>
  %d = "ttir.permute"(%t) <{permutation = array<i64: 2, 0, 1>}> {decomposed} : (tensor<3x2x4xf32>) -> tensor<4x3x2xf32>
  func.return %c, %p, %o, %d : tensor<24xf32>, tensor<4x3x2xf32>, tensor<2x3x4xf32>, tensor<4x3x2xf32>
}
// CHECK-LABEL: func.func @merged(%x: tensor<2x3x4xf32>) -> (tensor<24xf32>, tensor<4x3x2xf32>, tensor<2x3x4xf32>, tensor<4x3x2xf32>) {
// CHECK-NEXT:    %c = "ttir.reshape"(%x) <{shape = [24 : i32]}> : (tensor<2x3x4xf32>) -> tensor<24xf32>
// CHECK-NEXT:    %t = "ttir.permute"(%x) <{permutation = array<i64: 1, 0, 2>}> : (tensor<2x3x4xf32>) -> tensor<3x2x4xf32>
// CHECK-NEXT:    %p = "ttir.permute"(%x) <{permutation = array<i64: 2, 1, 0>}> : (tensor<2x3x4xf32>) -> tensor<4x3x2xf32>
// CHECK-NEXT:    %d = "ttir.permute"(%t) <{permutation = array<i64: 2, 0, 1>}> {decomposed} : (tensor<3x2x4xf32>) -> tensor<4x3x2xf32>
// CHECK-NEXT:    func.return %c, %p, %x, %d : tensor<24xf32>, tensor<4x3x2xf32>, tensor<2x3x4xf32>, tensor<4x3x2xf32>
// CHECK-NEXT:  }

func.func @merged_broadcast(%x : tensor<1x1xf32>) -> (tensor<4x8xf32>) {
  %a = "ttir.broadcast"(%x) <{broadcast_dimensions = array<i64: 4, 1>}> : (tensor<1x1xf32>) -> tensor<4x1xf32>
  %b = "ttir.broadcast"(%a) <{broadcast_dimensions = array<i64: 1, 8>}> : (tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %b : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @merged_broadcast(%x: tensor<1x1xf32>) -> tensor<4x8xf32> {
// CHECK-NEXT:    %b = "ttir.broadcast"(%x) <{broadcast_dimensions = array<i64: 4, 8>}> : (tensor<1x1xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    func.return %b : tensor<4x8xf32>
// CHECK-NEXT:  }

// A copy to the same type is none, a copy of nothing is nothing.
func.func @layout(%x : tensor<4x8xbf16>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %e = ttir.empty() : tensor<4x8xbf16>
  %f = ttir.empty() : tensor<4x8xf32>
  %a = ttir.to_layout %x, %e : tensor<4x8xbf16> into tensor<4x8xbf16> -> tensor<4x8xbf16>
  %b = ttir.to_layout %a, %f : tensor<4x8xbf16> into tensor<4x8xf32> -> tensor<4x8xf32>
  %c = ttir.to_layout %e, %f : tensor<4x8xbf16> into tensor<4x8xf32> -> tensor<4x8xf32>
  func.return %b, %c : tensor<4x8xf32>, tensor<4x8xf32>
}
// CHECK-LABEL: func.func @layout(%x: tensor<4x8xbf16>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
// CHECK-NEXT:    %f = ttir.empty() : tensor<4x8xf32>
// CHECK-NEXT:    %b = ttir.to_layout %x, %f : tensor<4x8xbf16> into tensor<4x8xf32> -> tensor<4x8xf32>
// CHECK-NEXT:    %c = ttir.empty() : tensor<4x8xf32>
// CHECK-NEXT:    func.return %b, %c : tensor<4x8xf32>, tensor<4x8xf32>
// CHECK-NEXT:  }
