// RUN: tt-opt %s -p ttir-erase-inverse-ops | filecheck %s

// Movements are moved until they meet their inverses, or where they move less.

func.func @unary(%x : tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xbf16> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 0, 2, 3, 1>}> : (tensor<2x3x4x5xf32>) -> tensor<2x4x5x3xf32>
  %a = "ttir.exp"(%p) : (tensor<2x4x5x3xf32>) -> tensor<2x4x5x3xf32>
  %b = "ttir.typecast"(%a) : (tensor<2x4x5x3xf32>) -> tensor<2x4x5x3xbf16>
  %c = "ttir.clamp_scalar"(%b) <{min = 0.0 : f32, max = 1.0 : f32}> : (tensor<2x4x5x3xbf16>) -> tensor<2x4x5x3xbf16>
  %q = "ttir.permute"(%c) <{permutation = array<i64: 0, 3, 1, 2>}> : (tensor<2x4x5x3xbf16>) -> tensor<2x3x4x5xbf16>
  func.return %q : tensor<2x3x4x5xbf16>
}
// CHECK-LABEL: func.func @unary(
// CHECK-NEXT:    %a = "ttir.exp"(%x)
// CHECK-NEXT:    %b = "ttir.typecast"(%a)
// CHECK-NEXT:    %c = "ttir.clamp_scalar"(%b)
// CHECK-NEXT:    func.return %c : tensor<2x3x4x5xbf16>

// The permute would move as much below as it does now.
func.func @downwards_only(%x : tensor<2x3x4x5xf32>) -> tensor<2x4x5x3xf32> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 0, 2, 3, 1>}> : (tensor<2x3x4x5xf32>) -> tensor<2x4x5x3xf32>
  %a = "ttir.exp"(%p) : (tensor<2x4x5x3xf32>) -> tensor<2x4x5x3xf32>
  func.return %a : tensor<2x4x5x3xf32>
}
// CHECK-LABEL: func.func @downwards_only(
// CHECK-NEXT:    %p = "ttir.permute"(%x)
// CHECK-NEXT:    %a = "ttir.exp"(%p)
// CHECK-NEXT:    func.return %a : tensor<2x4x5x3xf32>

// What broadcasts moves only what it has; numbers do not move.
func.func @broadcasting(%x : tensor<2x3x4x5xf32>, %y : tensor<3xf32>) -> tensor<2x3x4x5xf32> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 0, 2, 3, 1>}> : (tensor<2x3x4x5xf32>) -> tensor<2x4x5x3xf32>
  %n = "ttir.full"() <{fill_value = 2.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %a = "ttir.add"(%p, %y) : (tensor<2x4x5x3xf32>, tensor<3xf32>) -> tensor<2x4x5x3xf32>
  %b = "ttir.multiply"(%a, %n) : (tensor<2x4x5x3xf32>, tensor<1xf32>) -> tensor<2x4x5x3xf32>
  %q = "ttir.permute"(%b) <{permutation = array<i64: 0, 3, 1, 2>}> : (tensor<2x4x5x3xf32>) -> tensor<2x3x4x5xf32>
  func.return %q : tensor<2x3x4x5xf32>
}
// CHECK-LABEL: func.func @broadcasting(
// CHECK-NEXT:    %n = "ttir.full"()
// CHECK-NEXT:    %[[V0:.*]] = "ttir.reshape"(%y) <{shape = [1 : i32, 3 : i32, 1 : i32, 1 : i32]}>
// CHECK-NEXT:    %a = "ttir.add"(%x, %[[V0]])
// CHECK-NEXT:    %b = "ttir.multiply"(%a, %n)
// CHECK-NEXT:    func.return %b : tensor<2x3x4x5xf32>

// The other operand would be moved instead.
func.func @cost_of_other_operands(%x : tensor<2x3x4x5xf32>, %y : tensor<2x4x5x3xf32>) -> tensor<2x4x5x3xf32> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 0, 2, 3, 1>}> : (tensor<2x3x4x5xf32>) -> tensor<2x4x5x3xf32>
  %a = "ttir.add"(%p, %y) : (tensor<2x4x5x3xf32>, tensor<2x4x5x3xf32>) -> tensor<2x4x5x3xf32>
  func.return %a : tensor<2x4x5x3xf32>
}
// CHECK-LABEL: func.func @cost_of_other_operands(
// CHECK-NEXT:    %p = "ttir.permute"(%x)
// CHECK-NEXT:    %a = "ttir.add"(%p, %y)
// CHECK-NEXT:    func.return %a : tensor<2x4x5x3xf32>

// But a constant one is moved once.
func.func @constant_operands(%x : tensor<2x3x4x5xf32>, %w : tensor<2x4x5x3xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}) -> tensor<2x3x4x5xf32> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 0, 2, 3, 1>}> : (tensor<2x3x4x5xf32>) -> tensor<2x4x5x3xf32>
  %a = "ttir.add"(%p, %w) : (tensor<2x4x5x3xf32>, tensor<2x4x5x3xf32>) -> tensor<2x4x5x3xf32>
  %q = "ttir.permute"(%a) <{permutation = array<i64: 0, 3, 1, 2>}> : (tensor<2x4x5x3xf32>) -> tensor<2x3x4x5xf32>
  func.return %q : tensor<2x3x4x5xf32>
}
// CHECK-LABEL: func.func @constant_operands(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.permute"(%w) <{permutation = array<i64: 0, 3, 1, 2>}>
// CHECK-NEXT:    %a = "ttir.add"(%x, %[[V0]])
// CHECK-NEXT:    func.return %a : tensor<2x3x4x5xf32>

func.func @selection(%c : tensor<2x3x4xi1>, %x : tensor<2x3x4xf32>, %y : tensor<1x3x4xf32>) -> tensor<2x3x4xf32> {
  %d = "ttir.reshape"(%c) <{shape = [6 : i32, 4 : i32]}> : (tensor<2x3x4xi1>) -> tensor<6x4xi1>
  %e = "ttir.reshape"(%x) <{shape = [6 : i32, 4 : i32]}> : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %f = "ttir.broadcast"(%y) <{broadcast_dimensions = array<i64: 2, 1, 1>}> : (tensor<1x3x4xf32>) -> tensor<2x3x4xf32>
  %g = "ttir.reshape"(%f) <{shape = [6 : i32, 4 : i32]}> : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %s = "ttir.where"(%d, %e, %g) : (tensor<6x4xi1>, tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
  %r = "ttir.reshape"(%s) <{shape = [2 : i32, 3 : i32, 4 : i32]}> : (tensor<6x4xf32>) -> tensor<2x3x4xf32>
  func.return %r : tensor<2x3x4xf32>
}
// CHECK-LABEL: func.func @selection(
// CHECK-NEXT:    %f = "ttir.broadcast"(%y)
// CHECK-NEXT:    %s = "ttir.where"(%c, %x, %f)
// CHECK-NEXT:    func.return %s : tensor<2x3x4xf32>

// A reshape moves less after a reduction.
func.func @reduction(%x : tensor<1x32x64xf32>) -> tensor<32x1x1xf32> {
  %r = "ttir.reshape"(%x) <{shape = [32 : i32, 1 : i32, 64 : i32]}> : (tensor<1x32x64xf32>) -> tensor<32x1x64xf32>
  %s = "ttir.sum"(%r) <{dim_arg = [-1 : i32], keep_dim = true}> : (tensor<32x1x64xf32>) -> tensor<32x1x1xf32>
  func.return %s : tensor<32x1x1xf32>
}
// CHECK-LABEL: func.func @reduction(
// CHECK-NEXT:    %s = "ttir.sum"(%x) <{dim_arg = [2 : i32], keep_dim = true}>
// CHECK-NEXT:    %[[V0:.*]] = "ttir.reshape"(%s) <{shape = [32 : i32, 1 : i32, 1 : i32]}>
// CHECK-NEXT:    func.return %[[V0]] : tensor<32x1x1xf32>

// But not out of a dimension that is reduced in part.
func.func @reduction_of_split_dimension(%x : tensor<32x64xf32>) -> tensor<32x8xf32> {
  %r = "ttir.reshape"(%x) <{shape = [32 : i32, 8 : i32, 8 : i32]}> : (tensor<32x64xf32>) -> tensor<32x8x8xf32>
  %s = "ttir.sum"(%r) <{dim_arg = [2 : i32], keep_dim = false}> : (tensor<32x8x8xf32>) -> tensor<32x8xf32>
  func.return %s : tensor<32x8xf32>
}
// CHECK-LABEL: func.func @reduction_of_split_dimension(
// CHECK-NEXT:    %r = "ttir.reshape"(%x)
// CHECK-NEXT:    %s = "ttir.sum"(%r)
// CHECK-NEXT:    func.return %s : tensor<32x8xf32>

func.func @reduction_of_joined_dimensions(%x : tensor<2x4x8x3xf32>) -> tensor<2x3xf32> {
  %r = "ttir.reshape"(%x) <{shape = [2 : i32, 32 : i32, 3 : i32]}> : (tensor<2x4x8x3xf32>) -> tensor<2x32x3xf32>
  %s = "ttir.max"(%r) <{dim_arg = [1 : i32], keep_dim = false}> : (tensor<2x32x3xf32>) -> tensor<2x3xf32>
  func.return %s : tensor<2x3xf32>
}
// CHECK-LABEL: func.func @reduction_of_joined_dimensions(
// CHECK-NEXT:    %s = "ttir.max"(%x) <{dim_arg = [1 : i32, 2 : i32], keep_dim = false}>
// CHECK-NEXT:    func.return %s : tensor<2x3xf32>

// One region, up and down: the mean and all that is computed of it.
func.func @norm_by_hand(%x : tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %r = "ttir.reshape"(%x) <{shape = [6 : i32, 4 : i32]}> : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %m = "ttir.mean"(%r) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<6x4xf32>) -> tensor<6x1xf32>
  %d = "ttir.subtract"(%r, %m) : (tensor<6x4xf32>, tensor<6x1xf32>) -> tensor<6x4xf32>
  %u = "ttir.reshape"(%d) <{shape = [2 : i32, 3 : i32, 4 : i32]}> : (tensor<6x4xf32>) -> tensor<2x3x4xf32>
  func.return %u : tensor<2x3x4xf32>
}
// CHECK-LABEL: func.func @norm_by_hand(
// CHECK-NEXT:    %m = "ttir.mean"(%x) <{dim_arg = [2 : i32], keep_dim = true}>
// CHECK-NEXT:    %d = "ttir.subtract"(%x, %m)
// CHECK-NEXT:    func.return %d : tensor<2x3x4xf32>

func.func @softmax(%x : tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %r = "ttir.reshape"(%x) <{shape = [6 : i32, 4 : i32]}> : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %s = "ttir.softmax"(%r) <{dimension = -1 : si32}> : (tensor<6x4xf32>) -> tensor<6x4xf32>
  %u = "ttir.reshape"(%s) <{shape = [2 : i32, 3 : i32, 4 : i32]}> : (tensor<6x4xf32>) -> tensor<2x3x4xf32>
  func.return %u : tensor<2x3x4xf32>
}
// CHECK-LABEL: func.func @softmax(
// CHECK-NEXT:    %s = "ttir.softmax"(%x) <{dimension = 2 : si32, numericStable = false}>
// CHECK-NEXT:    func.return %s : tensor<2x3x4xf32>

func.func @softmax_of_joined_dimension(%x : tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %r = "ttir.reshape"(%x) <{shape = [6 : i32, 4 : i32]}> : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %s = "ttir.softmax"(%r) <{dimension = 0 : si32}> : (tensor<6x4xf32>) -> tensor<6x4xf32>
  %u = "ttir.reshape"(%s) <{shape = [2 : i32, 3 : i32, 4 : i32]}> : (tensor<6x4xf32>) -> tensor<2x3x4xf32>
  func.return %u : tensor<2x3x4xf32>
}
// CHECK-LABEL: func.func @softmax_of_joined_dimension(
// CHECK-NEXT:    %r = "ttir.reshape"(%x)
// CHECK-NEXT:    %s = "ttir.softmax"(%r) <{dimension = 0 : si32, numericStable = false}>
// CHECK-NEXT:    %u = "ttir.reshape"(%s)
// CHECK-NEXT:    func.return %u : tensor<2x3x4xf32>

func.func @layer_norm(%x : tensor<2x3x4xf32>, %w : tensor<4xf32>) -> tensor<2x3x4xf32> {
  %r = "ttir.reshape"(%x) <{shape = [6 : i32, 4 : i32]}> : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %s = "ttir.layer_norm"(%r, %w) <{normalized_shape = array<i64: 4>, operandSegmentSizes = array<i32: 1, 1, 0>}> : (tensor<6x4xf32>, tensor<4xf32>) -> tensor<6x4xf32>
  %u = "ttir.reshape"(%s) <{shape = [2 : i32, 3 : i32, 4 : i32]}> : (tensor<6x4xf32>) -> tensor<2x3x4xf32>
  func.return %u : tensor<2x3x4xf32>
}
// CHECK-LABEL: func.func @layer_norm(
// CHECK-NEXT:    %s = "ttir.layer_norm"(%x, %w) <{normalized_shape = array<i64: 4>, operandSegmentSizes = array<i32: 1, 1, 0>, epsilon = 1.000000e-05 : f32}>
// CHECK-NEXT:    func.return %s : tensor<2x3x4xf32>

func.func @norm_of_moved_dimension(%x : tensor<3x4xf32>) -> tensor<3x4xf32> {
  %r = "ttir.permute"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %s = "ttir.rms_norm"(%r) <{normalized_shape = array<i64: 3>, operandSegmentSizes = array<i32: 1, 0, 0>}> : (tensor<4x3xf32>) -> tensor<4x3xf32>
  %u = "ttir.permute"(%s) <{permutation = array<i64: 1, 0>}> : (tensor<4x3xf32>) -> tensor<3x4xf32>
  func.return %u : tensor<3x4xf32>
}
// CHECK-LABEL: func.func @norm_of_moved_dimension(
// CHECK-NEXT:    %r = "ttir.permute"(%x)
// CHECK-NEXT:    %s = "ttir.rms_norm"(%r)
// CHECK-NEXT:    %u = "ttir.permute"(%s)
// CHECK-NEXT:    func.return %u : tensor<3x4xf32>

func.func @slice_and_pad(%x : tensor<2x3x4x5xf32>) -> tensor<2x3x2x6xf32> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 0, 2, 3, 1>}> : (tensor<2x3x4x5xf32>) -> tensor<2x4x5x3xf32>
  %s = "ttir.slice_static"(%p) <{begins = [0 : i32, 1 : i32, 0 : i32, 0 : i32], ends = [2 : i32, 4 : i32, 5 : i32, 3 : i32], step = [1 : i32, 2 : i32, 1 : i32, 1 : i32]}> : (tensor<2x4x5x3xf32>) -> tensor<2x2x5x3xf32>
  %d = "ttir.pad"(%s) <{padding = array<i32: 0, 0, 0, 0, 0, 1, 0, 0>, value = 0.0 : f32}> : (tensor<2x2x5x3xf32>) -> tensor<2x2x6x3xf32>
  %q = "ttir.permute"(%d) <{permutation = array<i64: 0, 3, 1, 2>}> : (tensor<2x2x6x3xf32>) -> tensor<2x3x2x6xf32>
  func.return %q : tensor<2x3x2x6xf32>
}
// CHECK-LABEL: func.func @slice_and_pad(
// CHECK-NEXT:    %s = "ttir.slice_static"(%x) <{begins = [0 : i32, 0 : i32, 1 : i32, 0 : i32], ends = [2 : i32, 3 : i32, 4 : i32, 5 : i32], step = [1 : i32, 1 : i32, 2 : i32, 1 : i32]}>
// CHECK-NEXT:    %d = "ttir.pad"(%s) <{padding = array<i32: 0, 0, 0, 0, 0, 0, 0, 1>, value = 0.000000e+00 : f32}>
// CHECK-NEXT:    func.return %d : tensor<2x3x2x6xf32>

func.func @slice_of_joined_dimension(%x : tensor<2x3x4xf32>) -> tensor<3x4xf32> {
  %r = "ttir.reshape"(%x) <{shape = [6 : i32, 4 : i32]}> : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %s = "ttir.slice_static"(%r) <{begins = [0 : i32, 0 : i32], ends = [6 : i32, 4 : i32], step = [2 : i32, 1 : i32]}> : (tensor<6x4xf32>) -> tensor<3x4xf32>
  func.return %s : tensor<3x4xf32>
}
// CHECK-LABEL: func.func @slice_of_joined_dimension(
// CHECK-NEXT:    %r = "ttir.reshape"(%x)
// CHECK-NEXT:    %s = "ttir.slice_static"(%r)
// CHECK-NEXT:    func.return %s : tensor<3x4xf32>

func.func @concat(%x : tensor<2x3x4x5xf32>, %y : tensor<2x2x4x5xf32>) -> tensor<2x5x4x5xf32> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 0, 2, 3, 1>}> : (tensor<2x3x4x5xf32>) -> tensor<2x4x5x3xf32>
  %k = "ttir.permute"(%y) <{permutation = array<i64: 0, 2, 3, 1>}> : (tensor<2x2x4x5xf32>) -> tensor<2x4x5x2xf32>
  %c = "ttir.concat"(%p, %k) <{dim = -1 : si32}> : (tensor<2x4x5x3xf32>, tensor<2x4x5x2xf32>) -> tensor<2x4x5x5xf32>
  %q = "ttir.permute"(%c) <{permutation = array<i64: 0, 3, 1, 2>}> : (tensor<2x4x5x5xf32>) -> tensor<2x5x4x5xf32>
  func.return %q : tensor<2x5x4x5xf32>
}
// CHECK-LABEL: func.func @concat(
// CHECK-NEXT:    %c = "ttir.concat"(%x, %y) <{dim = 1 : si32}>
// CHECK-NEXT:    func.return %c : tensor<2x5x4x5xf32>

func.func @rows_of_product(%x : tensor<2x3x4xf32>, %w : tensor<4x6xf32>, %b : tensor<6xf32>) -> tensor<2x3x6xf32> {
  %r = "ttir.reshape"(%x) <{shape = [6 : i32, 4 : i32]}> : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %m = "ttir.linear"(%r, %w, %b) : (tensor<6x4xf32>, tensor<4x6xf32>, tensor<6xf32>) -> tensor<6x6xf32>
  %u = "ttir.reshape"(%m) <{shape = [2 : i32, 3 : i32, 6 : i32]}> : (tensor<6x6xf32>) -> tensor<2x3x6xf32>
  func.return %u : tensor<2x3x6xf32>
}
// CHECK-LABEL: func.func @rows_of_product(
// CHECK-NEXT:    %m = "ttir.linear"(%x, %w, %b) <{transpose_a = false, transpose_b = false}>
// CHECK-NEXT:    func.return %m : tensor<2x3x6xf32>

func.func @batches_of_product(%x : tensor<2x3x4x5xf32>, %y : tensor<2x3x5x6xf32>) -> tensor<2x3x4x6xf32> {
  %r = "ttir.reshape"(%x) <{shape = [6 : i32, 4 : i32, 5 : i32]}> : (tensor<2x3x4x5xf32>) -> tensor<6x4x5xf32>
  %s = "ttir.reshape"(%y) <{shape = [6 : i32, 5 : i32, 6 : i32]}> : (tensor<2x3x5x6xf32>) -> tensor<6x5x6xf32>
  %m = "ttir.matmul"(%r, %s) : (tensor<6x4x5xf32>, tensor<6x5x6xf32>) -> tensor<6x4x6xf32>
  %u = "ttir.reshape"(%m) <{shape = [2 : i32, 3 : i32, 4 : i32, 6 : i32]}> : (tensor<6x4x6xf32>) -> tensor<2x3x4x6xf32>
  func.return %u : tensor<2x3x4x6xf32>
}
// CHECK-LABEL: func.func @batches_of_product(
// CHECK-NEXT:    %m = "ttir.matmul"(%x, %y) <{transpose_a = false, transpose_b = false}>
// CHECK-NEXT:    func.return %m : tensor<2x3x4x6xf32>

func.func @columns_of_product(%x : tensor<4x6xf32>, %w : tensor<6x6xf32>) -> tensor<4x6xf32> {
  %m = "ttir.matmul"(%x, %w) : (tensor<4x6xf32>, tensor<6x6xf32>) -> tensor<4x6xf32>
  %p = "ttir.permute"(%m) <{permutation = array<i64: 1, 0>}> : (tensor<4x6xf32>) -> tensor<6x4xf32>
  %a = "ttir.exp"(%p) : (tensor<6x4xf32>) -> tensor<6x4xf32>
  %q = "ttir.permute"(%a) <{permutation = array<i64: 1, 0>}> : (tensor<6x4xf32>) -> tensor<4x6xf32>
  func.return %q : tensor<4x6xf32>
}
// CHECK-LABEL: func.func @columns_of_product(
// CHECK-NEXT:    %m = "ttir.matmul"(%x, %w)
// CHECK-NEXT:    %a = "ttir.exp"(%m)
// CHECK-NEXT:    func.return %a : tensor<4x6xf32>

func.func @embedding(%x : tensor<2x3xsi32>, %w : tensor<9x4xf32>) -> tensor<2x3x4xf32> {
  %r = "ttir.reshape"(%x) <{shape = [6 : i32]}> : (tensor<2x3xsi32>) -> tensor<6xsi32>
  %e = "ttir.embedding"(%r, %w) : (tensor<6xsi32>, tensor<9x4xf32>) -> tensor<6x4xf32>
  %u = "ttir.reshape"(%e) <{shape = [2 : i32, 3 : i32, 4 : i32]}> : (tensor<6x4xf32>) -> tensor<2x3x4xf32>
  func.return %u : tensor<2x3x4xf32>
}
// CHECK-LABEL: func.func @embedding(
// CHECK-NEXT:    %e = "ttir.embedding"(%x, %w)
// CHECK-NEXT:    func.return %e : tensor<2x3x4xf32>

// Through both ways of a residual connection, and around what else is read.
func.func @residual(%x : tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 0, 2, 3, 1>}> : (tensor<2x3x4x5xf32>) -> tensor<2x4x5x3xf32>
  %a = "ttir.relu"(%p) : (tensor<2x4x5x3xf32>) -> tensor<2x4x5x3xf32>
  %q = "ttir.permute"(%a) <{permutation = array<i64: 0, 3, 1, 2>}> : (tensor<2x4x5x3xf32>) -> tensor<2x3x4x5xf32>
  %s = "ttir.add"(%q, %x) : (tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32>
  %k = "ttir.permute"(%s) <{permutation = array<i64: 0, 2, 3, 1>}> : (tensor<2x3x4x5xf32>) -> tensor<2x4x5x3xf32>
  %b = "ttir.exp"(%k) : (tensor<2x4x5x3xf32>) -> tensor<2x4x5x3xf32>
  %t = "ttir.permute"(%b) <{permutation = array<i64: 0, 3, 1, 2>}> : (tensor<2x4x5x3xf32>) -> tensor<2x3x4x5xf32>
  %u = "ttir.add"(%t, %s) : (tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32>
  func.return %u : tensor<2x3x4x5xf32>
}
// CHECK-LABEL: func.func @residual(
// CHECK-NEXT:    %a = "ttir.relu"(%x)
// CHECK-NEXT:    %s = "ttir.add"(%a, %x)
// CHECK-NEXT:    %b = "ttir.exp"(%s)
// CHECK-NEXT:    %u = "ttir.add"(%b, %s)
// CHECK-NEXT:    func.return %u : tensor<2x3x4x5xf32>

// Chains become as short as they can be, with other ops in between or not.
func.func @chains(%x : tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %a = "ttir.permute"(%x) <{permutation = array<i64: 0, 2, 1>}> : (tensor<2x3x4xf32>) -> tensor<2x4x3xf32>
  %b = "ttir.unsqueeze"(%a) <{dim = 1 : si32}> : (tensor<2x4x3xf32>) -> tensor<2x1x4x3xf32>
  %c = "ttir.exp"(%b) : (tensor<2x1x4x3xf32>) -> tensor<2x1x4x3xf32>
  %d = "ttir.reshape"(%c) <{shape = [8 : i32, 3 : i32]}> : (tensor<2x1x4x3xf32>) -> tensor<8x3xf32>
  %e = "ttir.reshape"(%d) <{shape = [2 : i32, 4 : i32, 3 : i32]}> : (tensor<8x3xf32>) -> tensor<2x4x3xf32>
  %f = "ttir.transpose"(%e) <{dim0 = 1 : si32, dim1 = 2 : si32}> : (tensor<2x4x3xf32>) -> tensor<2x3x4xf32>
  func.return %f : tensor<2x3x4xf32>
}
// CHECK-LABEL: func.func @chains(
// CHECK-NEXT:    %c = "ttir.exp"(%x)
// CHECK-NEXT:    func.return %c : tensor<2x3x4xf32>

// These two do not undo each other.
func.func @incompatible_splits(%x : tensor<2x3xf32>) -> tensor<3x2xf32> {
  %a = "ttir.permute"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %b = "ttir.reshape"(%a) <{shape = [2 : i32, 3 : i32]}> : (tensor<3x2xf32>) -> tensor<2x3xf32>
  %c = "ttir.exp"(%b) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %d = "ttir.permute"(%c) <{permutation = array<i64: 1, 0>}> : (tensor<2x3xf32>) -> tensor<3x2xf32>
  func.return %d : tensor<3x2xf32>
}
// CHECK-LABEL: func.func @incompatible_splits(
// CHECK-NEXT:    %a = "ttir.permute"(%x)
// CHECK-NEXT:    %b = "ttir.reshape"(%a)
// CHECK-NEXT:    %c = "ttir.exp"(%b)
// CHECK-NEXT:    %d = "ttir.permute"(%c)
// CHECK-NEXT:    func.return %d : tensor<3x2xf32>

// tt-mlir marks permutes that it has decomposed.
func.func @split_on_purpose(%x : tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = "ttir.permute"(%x) <{permutation = array<i64: 1, 0>}> {decomposed} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %b = "ttir.exp"(%a) : (tensor<3x2xf32>) -> tensor<3x2xf32>
  %c = "ttir.permute"(%b) <{permutation = array<i64: 1, 0>}> : (tensor<3x2xf32>) -> tensor<2x3xf32>
  func.return %c : tensor<2x3xf32>
}
// CHECK-LABEL: func.func @split_on_purpose(
// CHECK-NEXT:    %a = "ttir.permute"(%x)
// CHECK-NEXT:    %b = "ttir.exp"(%a)
// CHECK-NEXT:    %c = "ttir.permute"(%b)
// CHECK-NEXT:    func.return %c : tensor<2x3xf32>

// An encoding says how the tensor lies in memory.
func.func @encoding(%x : tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = "ttir.permute"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<2x3xf32>) -> tensor<3x2xf32,"e">
  %b = "ttir.exp"(%a) : (tensor<3x2xf32,"e">) -> tensor<3x2xf32,"e">
  %c = "ttir.permute"(%b) <{permutation = array<i64: 1, 0>}> : (tensor<3x2xf32,"e">) -> tensor<2x3xf32>
  func.return %c : tensor<2x3xf32>
}
// CHECK-LABEL: func.func @encoding(
// CHECK-NEXT:    %a = "ttir.permute"(%x)
// CHECK-NEXT:    %b = "ttir.exp"(%a)
// CHECK-NEXT:    %c = "ttir.permute"(%b)
// CHECK-NEXT:    func.return %c : tensor<2x3xf32>

func.func @dynamic_extent(%x : tensor<?x3xf32>) -> tensor<?x3xf32> {
  %a = "ttir.permute"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<?x3xf32>) -> tensor<3x?xf32>
  %b = "ttir.exp"(%a) : (tensor<3x?xf32>) -> tensor<3x?xf32>
  %c = "ttir.permute"(%b) <{permutation = array<i64: 1, 0>}> : (tensor<3x?xf32>) -> tensor<?x3xf32>
  func.return %c : tensor<?x3xf32>
}
// CHECK-LABEL: func.func @dynamic_extent(
// CHECK-NEXT:    %a = "ttir.permute"(%x)
// CHECK-NEXT:    %b = "ttir.exp"(%a)
// CHECK-NEXT:    %c = "ttir.permute"(%b)
// CHECK-NEXT:    func.return %c : tensor<?x3xf32>
