// RUN: tt-opt %s -p ttir-fuse | filecheck %s

// softmax(scale * query @ key^T + mask) @ value.

// Without a scale it is 1, not the default.
func.func @plain(%q : tensor<1x2x4x8xf32>, %k : tensor<1x2x6x8xf32>, %v : tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32> {
  %s = "ttir.matmul"(%q, %k) <{transpose_b = true}> : (tensor<1x2x4x8xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x6xf32>
  %p = "ttir.softmax"(%s) <{dimension = 3 : si32}> : (tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %o = "ttir.matmul"(%p, %v) : (tensor<1x2x4x6xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %o : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @plain(
// CHECK-NEXT:    %o = "ttir.scaled_dot_product_attention"(%q, %k, %v) <{is_causal = false, scale = 1.000000e+00 : f32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}>
// CHECK-NEXT:    func.return %o : tensor<1x2x4x8xf32>

// A mask for all rows gets them.
func.func @scale_and_mask(%q : tensor<1x2x4x8xf32>, %k : tensor<1x2x6x8xf32>, %v : tensor<1x2x6x8xf32>, %m : tensor<1x1x1x6xf32>) -> tensor<1x2x4x8xf32> {
  %t = "ttir.permute"(%k) <{permutation = array<i64: 0, 1, 3, 2>}> : (tensor<1x2x6x8xf32>) -> tensor<1x2x8x6xf32>
  %c = "ttir.matmul"(%q, %t) : (tensor<1x2x4x8xf32>, tensor<1x2x8x6xf32>) -> tensor<1x2x4x6xf32>
  %f = "ttir.full"() <{fill_value = 4.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %d = "ttir.div"(%c, %f) : (tensor<1x2x4x6xf32>, tensor<1xf32>) -> tensor<1x2x4x6xf32>
  %s = "ttir.add"(%d, %m) : (tensor<1x2x4x6xf32>, tensor<1x1x1x6xf32>) -> tensor<1x2x4x6xf32>
  %p = "ttir.softmax"(%s) <{dimension = 3 : si32}> : (tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %o = "ttir.matmul"(%p, %v) : (tensor<1x2x4x6xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %o : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @scale_and_mask(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.broadcast"(%m) <{broadcast_dimensions = array<i64: 1, 1, 4, 1>}>
// CHECK-NEXT:    %o = "ttir.scaled_dot_product_attention"(%q, %k, %v, %[[V0]]) <{is_causal = false, scale = 2.500000e-01 : f32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0>}>
// CHECK-NEXT:    func.return %o : tensor<1x2x4x8xf32>

// Both operands are scaled; the keys come with their heads behind their positions.
func.func @scaled_operands(%q : tensor<1x2x4x8xf32>, %k : tensor<1x6x2x8xf32>, %v : tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32> {
  %f = "ttir.full"() <{fill_value = 0.5 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %a = "ttir.multiply"(%q, %f) : (tensor<1x2x4x8xf32>, tensor<1xf32>) -> tensor<1x2x4x8xf32>
  %t = "ttir.permute"(%k) <{permutation = array<i64: 0, 2, 3, 1>}> : (tensor<1x6x2x8xf32>) -> tensor<1x2x8x6xf32>
  %b = "ttir.multiply"(%t, %f) : (tensor<1x2x8x6xf32>, tensor<1xf32>) -> tensor<1x2x8x6xf32>
  %s = "ttir.matmul"(%a, %b) : (tensor<1x2x4x8xf32>, tensor<1x2x8x6xf32>) -> tensor<1x2x4x6xf32>
  %p = "ttir.softmax"(%s) <{dimension = 3 : si32}> : (tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %o = "ttir.matmul"(%p, %v) : (tensor<1x2x4x6xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %o : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @scaled_operands(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.permute"(%k) <{permutation = array<i64: 0, 2, 1, 3>}>
// CHECK-NEXT:    %o = "ttir.scaled_dot_product_attention"(%q, %[[V0]], %v) <{is_causal = false, scale = 2.500000e-01 : f32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}>
// CHECK-NEXT:    func.return %o : tensor<1x2x4x8xf32>

func.func @rank_3(%q : tensor<2x4x8xf32>, %k : tensor<2x6x8xf32>, %v : tensor<2x6x8xf32>, %m : tensor<2x4x6xf32>) -> tensor<2x4x8xf32> {
  %c = "ttir.matmul"(%q, %k) <{transpose_b = true}> : (tensor<2x4x8xf32>, tensor<2x6x8xf32>) -> tensor<2x4x6xf32>
  %s = "ttir.add"(%c, %m) : (tensor<2x4x6xf32>, tensor<2x4x6xf32>) -> tensor<2x4x6xf32>
  %p = "ttir.softmax"(%s) <{dimension = -1 : si32}> : (tensor<2x4x6xf32>) -> tensor<2x4x6xf32>
  %o = "ttir.matmul"(%p, %v) : (tensor<2x4x6xf32>, tensor<2x6x8xf32>) -> tensor<2x4x8xf32>
  func.return %o : tensor<2x4x8xf32>
}
// CHECK-LABEL: func.func @rank_3(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.reshape"(%m) <{shape = [1 : i32, 2 : i32, 4 : i32, 6 : i32]}>
// CHECK-NEXT:    %[[V1:.*]] = "ttir.reshape"(%q) <{shape = [1 : i32, 2 : i32, 4 : i32, 8 : i32]}>
// CHECK-NEXT:    %[[V2:.*]] = "ttir.reshape"(%k) <{shape = [1 : i32, 2 : i32, 6 : i32, 8 : i32]}>
// CHECK-NEXT:    %[[V3:.*]] = "ttir.reshape"(%v) <{shape = [1 : i32, 2 : i32, 6 : i32, 8 : i32]}>
// CHECK-NEXT:    %[[V4:.*]] = "ttir.scaled_dot_product_attention"(%[[V1]], %[[V2]], %[[V3]], %[[V0]]) <{is_causal = false, scale = 1.000000e+00 : f32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0>}>
// CHECK-NEXT:    %o = "ttir.reshape"(%[[V4]]) <{shape = [2 : i32, 4 : i32, 8 : i32]}>
// CHECK-NEXT:    func.return %o : tensor<2x4x8xf32>

// A factor that is no number multiplies the queries.
func.func @factor_of_one_element(%q : tensor<1x2x4x8xf32>, %k : tensor<1x2x6x8xf32>, %v : tensor<1x2x6x8xf32>, %f : tensor<1x1xf32>) -> tensor<1x2x4x8xf32> {
  %c = "ttir.matmul"(%q, %k) <{transpose_b = true}> : (tensor<1x2x4x8xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x6xf32>
  %s = "ttir.multiply"(%c, %f) : (tensor<1x2x4x6xf32>, tensor<1x1xf32>) -> tensor<1x2x4x6xf32>
  %p = "ttir.softmax"(%s) <{dimension = 3 : si32}> : (tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %o = "ttir.matmul"(%p, %v) : (tensor<1x2x4x6xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %o : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @factor_of_one_element(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.multiply"(%q, %f)
// CHECK-NEXT:    %o = "ttir.scaled_dot_product_attention"(%[[V0]], %k, %v) <{is_causal = false, scale = 1.000000e+00 : f32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}>
// CHECK-NEXT:    func.return %o : tensor<1x2x4x8xf32>

// Keys and values are not repeated for each head.
func.func @shared_heads(%q : tensor<1x4x4x8xf32>, %k : tensor<1x2x6x8xf32>, %v : tensor<1x2x6x8xf32>) -> tensor<1x4x4x8xf32> {
  %a = "ttir.repeat_interleave"(%k) <{repeats = 2 : ui32, dim = 1 : si32}> : (tensor<1x2x6x8xf32>) -> tensor<1x4x6x8xf32>
  %b = "ttir.repeat_interleave"(%v) <{repeats = 2 : ui32, dim = 1 : si32}> : (tensor<1x2x6x8xf32>) -> tensor<1x4x6x8xf32>
  %s = "ttir.matmul"(%q, %a) <{transpose_b = true}> : (tensor<1x4x4x8xf32>, tensor<1x4x6x8xf32>) -> tensor<1x4x4x6xf32>
  %p = "ttir.softmax"(%s) <{dimension = 3 : si32}> : (tensor<1x4x4x6xf32>) -> tensor<1x4x4x6xf32>
  %o = "ttir.matmul"(%p, %b) : (tensor<1x4x4x6xf32>, tensor<1x4x6x8xf32>) -> tensor<1x4x4x8xf32>
  func.return %o : tensor<1x4x4x8xf32>
}
// CHECK-LABEL: func.func @shared_heads(
// CHECK-NEXT:    %o = "ttir.scaled_dot_product_attention"(%q, %k, %v) <{is_causal = false, scale = 1.000000e+00 : f32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}>
// CHECK-NEXT:    func.return %o : tensor<1x4x4x8xf32>

// torch makes rows of minus infinity zeros, and so does the op.
func.func @guarded(%q : tensor<1x2x4x8xf32>, %k : tensor<1x2x6x8xf32>, %v : tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32> {
  %s = "ttir.matmul"(%q, %k) <{transpose_b = true}> : (tensor<1x2x4x8xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x6xf32>
  %n = "ttir.full"() <{fill_value = 0xFF800000 : f32, shape = array<i32: 1, 1, 1, 1>}> : () -> tensor<1x1x1x1xf32>
  %e = "ttir.eq"(%s, %n) : (tensor<1x2x4x6xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x4x6xi1>
  %i = "ttir.logical_not"(%e) : (tensor<1x2x4x6xi1>) -> tensor<1x2x4x6xi1>
  %r = "ttir.reduce_or"(%i) <{dim_arg = [3 : i32], keep_dim = false}> : (tensor<1x2x4x6xi1>) -> tensor<1x2x4xi1>
  %j = "ttir.reshape"(%r) <{shape = [1 : i32, 2 : i32, 4 : i32, 1 : i32]}> : (tensor<1x2x4xi1>) -> tensor<1x2x4x1xi1>
  %l = "ttir.logical_not"(%j) : (tensor<1x2x4x1xi1>) -> tensor<1x2x4x1xi1>
  %z = "ttir.zeros"() <{shape = array<i32: 1, 1, 1, 1>}> : () -> tensor<1x1x1x1xf32>
  %h = "ttir.softmax"(%s) <{dimension = 3 : si32}> : (tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %p = "ttir.where"(%l, %z, %h) : (tensor<1x2x4x1xi1>, tensor<1x1x1x1xf32>, tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %o = "ttir.matmul"(%p, %v) : (tensor<1x2x4x6xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %o : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @guarded(
// CHECK-NEXT:    %o = "ttir.scaled_dot_product_attention"(%q, %k, %v) <{is_causal = false, scale = 1.000000e+00 : f32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}>
// CHECK-NEXT:    func.return %o : tensor<1x2x4x8xf32>

// It does not make them something else.
func.func @guarded_otherwise(%q : tensor<1x2x4x8xf32>, %k : tensor<1x2x6x8xf32>, %v : tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32> {
  %s = "ttir.matmul"(%q, %k) <{transpose_b = true}> : (tensor<1x2x4x8xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x6xf32>
  %n = "ttir.full"() <{fill_value = 0xFF800000 : f32, shape = array<i32: 1, 1, 1, 1>}> : () -> tensor<1x1x1x1xf32>
  %e = "ttir.eq"(%s, %n) : (tensor<1x2x4x6xf32>, tensor<1x1x1x1xf32>) -> tensor<1x2x4x6xi1>
  %i = "ttir.logical_not"(%e) : (tensor<1x2x4x6xi1>) -> tensor<1x2x4x6xi1>
  %r = "ttir.reduce_or"(%i) <{dim_arg = [3 : i32], keep_dim = false}> : (tensor<1x2x4x6xi1>) -> tensor<1x2x4xi1>
  %j = "ttir.reshape"(%r) <{shape = [1 : i32, 2 : i32, 4 : i32, 1 : i32]}> : (tensor<1x2x4xi1>) -> tensor<1x2x4x1xi1>
  %l = "ttir.logical_not"(%j) : (tensor<1x2x4x1xi1>) -> tensor<1x2x4x1xi1>
  %z = "ttir.ones"() <{shape = array<i32: 1, 1, 1, 1>}> : () -> tensor<1x1x1x1xf32>
  %h = "ttir.softmax"(%s) <{dimension = 3 : si32}> : (tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %p = "ttir.where"(%l, %z, %h) : (tensor<1x2x4x1xi1>, tensor<1x1x1x1xf32>, tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %o = "ttir.matmul"(%p, %v) : (tensor<1x2x4x6xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %o : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @guarded_otherwise(
// CHECK-NEXT:    %s = "ttir.matmul"(%q, %k)
// CHECK-NEXT:    %n = "ttir.full"()
// CHECK-NEXT:    %e = "ttir.eq"(%s, %n)
// CHECK-NEXT:    %i = "ttir.logical_not"(%e)
// CHECK-NEXT:    %j = "ttir.reduce_or"(%i) <{dim_arg = [3 : i32], keep_dim = true}>
// CHECK-NEXT:    %l = "ttir.logical_not"(%j)
// CHECK-NEXT:    %z = "ttir.ones"()
// CHECK-NEXT:    %h = "ttir.softmax"(%s) <{dimension = 3 : si32, numericStable = false}>
// CHECK-NEXT:    %p = "ttir.where"(%l, %z, %h)
// CHECK-NEXT:    %o = "ttir.matmul"(%p, %v)
// CHECK-NEXT:    func.return %o : tensor<1x2x4x8xf32>

func.func @softmax_of_columns(%q : tensor<1x2x4x8xf32>, %k : tensor<1x2x6x8xf32>, %v : tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32> {
  %s = "ttir.matmul"(%q, %k) <{transpose_b = true}> : (tensor<1x2x4x8xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x6xf32>
  %p = "ttir.softmax"(%s) <{dimension = 2 : si32}> : (tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %o = "ttir.matmul"(%p, %v) : (tensor<1x2x4x6xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %o : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @softmax_of_columns(
// CHECK-NEXT:    %s = "ttir.matmul"(%q, %k)
// CHECK-NEXT:    %p = "ttir.softmax"(%s) <{dimension = 2 : si32, numericStable = false}>
// CHECK-NEXT:    %o = "ttir.matmul"(%p, %v)
// CHECK-NEXT:    func.return %o : tensor<1x2x4x8xf32>

// The mask would be scaled too.
func.func @scale_after_mask(%q : tensor<1x2x4x8xf32>, %k : tensor<1x2x6x8xf32>, %v : tensor<1x2x6x8xf32>, %m : tensor<1x1x4x6xf32>) -> tensor<1x2x4x8xf32> {
  %c = "ttir.matmul"(%q, %k) <{transpose_b = true}> : (tensor<1x2x4x8xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x6xf32>
  %d = "ttir.add"(%c, %m) : (tensor<1x2x4x6xf32>, tensor<1x1x4x6xf32>) -> tensor<1x2x4x6xf32>
  %f = "ttir.full"() <{fill_value = 0.5 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %s = "ttir.multiply"(%d, %f) : (tensor<1x2x4x6xf32>, tensor<1xf32>) -> tensor<1x2x4x6xf32>
  %p = "ttir.softmax"(%s) <{dimension = 3 : si32}> : (tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %o = "ttir.matmul"(%p, %v) : (tensor<1x2x4x6xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %o : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @scale_after_mask(
// CHECK-NEXT:    %c = "ttir.matmul"(%q, %k)
// CHECK-NEXT:    %d = "ttir.add"(%c, %m)
// CHECK-NEXT:    %f = "ttir.full"()
// CHECK-NEXT:    %s = "ttir.multiply"(%d, %f)
// CHECK-NEXT:    %p = "ttir.softmax"(%s) <{dimension = 3 : si32, numericStable = false}>
// CHECK-NEXT:    %o = "ttir.matmul"(%p, %v)
// CHECK-NEXT:    func.return %o : tensor<1x2x4x8xf32>

func.func @values_of_another_width(%q : tensor<1x2x4x8xf32>, %k : tensor<1x2x6x8xf32>, %v : tensor<1x2x6x3xf32>) -> tensor<1x2x4x3xf32> {
  %s = "ttir.matmul"(%q, %k) <{transpose_b = true}> : (tensor<1x2x4x8xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x6xf32>
  %p = "ttir.softmax"(%s) <{dimension = 3 : si32}> : (tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %o = "ttir.matmul"(%p, %v) : (tensor<1x2x4x6xf32>, tensor<1x2x6x3xf32>) -> tensor<1x2x4x3xf32>
  func.return %o : tensor<1x2x4x3xf32>
}
// CHECK-LABEL: func.func @values_of_another_width(
// CHECK-NEXT:    %s = "ttir.matmul"(%q, %k)
// CHECK-NEXT:    %p = "ttir.softmax"(%s) <{dimension = 3 : si32, numericStable = false}>
// CHECK-NEXT:    %o = "ttir.matmul"(%p, %v)
// CHECK-NEXT:    func.return %o : tensor<1x2x4x3xf32>

func.func @probabilities_with_other_users(%q : tensor<1x2x4x8xf32>, %k : tensor<1x2x6x8xf32>, %v : tensor<1x2x6x8xf32>) -> (tensor<1x2x4x8xf32>, tensor<1x2x4x6xf32>) {
  %s = "ttir.matmul"(%q, %k) <{transpose_b = true}> : (tensor<1x2x4x8xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x6xf32>
  %p = "ttir.softmax"(%s) <{dimension = 3 : si32}> : (tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %o = "ttir.matmul"(%p, %v) : (tensor<1x2x4x6xf32>, tensor<1x2x6x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %o, %p : tensor<1x2x4x8xf32>, tensor<1x2x4x6xf32>
}
// CHECK-LABEL: func.func @probabilities_with_other_users(
// CHECK-NEXT:    %s = "ttir.matmul"(%q, %k)
// CHECK-NEXT:    %p = "ttir.softmax"(%s) <{dimension = 3 : si32, numericStable = false}>
// CHECK-NEXT:    %o = "ttir.matmul"(%p, %v)
// CHECK-NEXT:    func.return %o, %p : tensor<1x2x4x8xf32>, tensor<1x2x4x6xf32>
