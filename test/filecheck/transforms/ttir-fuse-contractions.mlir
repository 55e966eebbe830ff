// RUN: tt-opt %s -p ttir-fuse | filecheck %s

// Products.

// The format of the weights is kept.
func.func @linear(%x : tensor<4x8xf32>, %w : tensor<8x6xf32>, %b : tensor<6xf32>) -> tensor<4x6xf32> {
  %m = "ttir.matmul"(%x, %w) <{transpose_a = false}> {ttcore.weight_dtype = "bfp_bf4"} : (tensor<4x8xf32>, tensor<8x6xf32>) -> tensor<4x6xf32>
  %a = "ttir.add"(%b, %m) : (tensor<6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
  func.return %a : tensor<4x6xf32>
}
// CHECK-LABEL: func.func @linear(
// CHECK-NEXT:    %a = "ttir.linear"(%x, %w, %b) <{transpose_a = false, transpose_b = false}> {ttcore.weight_dtype = "bfp_bf4"}
// CHECK-NEXT:    func.return %a : tensor<4x6xf32>

func.func @reshaped_rows(%x : tensor<4x8xf32>, %w : tensor<6x8xf32>, %b : tensor<6xf32>) -> tensor<2x2x6xf32> {
  %m = "ttir.matmul"(%x, %w) <{transpose_b = true}> : (tensor<4x8xf32>, tensor<6x8xf32>) -> tensor<4x6xf32>
  %r = "ttir.reshape"(%m) <{shape = [2 : i32, 2 : i32, 6 : i32]}> : (tensor<4x6xf32>) -> tensor<2x2x6xf32>
  %k = "ttir.reshape"(%b) <{shape = [1 : i32, 1 : i32, 6 : i32]}> : (tensor<6xf32>) -> tensor<1x1x6xf32>
  %c = "ttir.broadcast"(%k) <{broadcast_dimensions = array<i64: 2, 2, 1>}> : (tensor<1x1x6xf32>) -> tensor<2x2x6xf32>
  %a = "ttir.add"(%r, %c) : (tensor<2x2x6xf32>, tensor<2x2x6xf32>) -> tensor<2x2x6xf32>
  func.return %a : tensor<2x2x6xf32>
}
// CHECK-LABEL: func.func @reshaped_rows(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.linear"(%x, %w, %b) <{transpose_a = false, transpose_b = true}>
// CHECK-NEXT:    %a = "ttir.reshape"(%[[V0]]) <{shape = [2 : i32, 2 : i32, 6 : i32]}>
// CHECK-NEXT:    func.return %a : tensor<2x2x6xf32>

// What differs between rows is no bias.
func.func @residual(%x : tensor<4x8xf32>, %w : tensor<8x6xf32>, %b : tensor<4x6xf32>) -> tensor<4x6xf32> {
  %m = "ttir.matmul"(%x, %w) : (tensor<4x8xf32>, tensor<8x6xf32>) -> tensor<4x6xf32>
  %a = "ttir.add"(%m, %b) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
  func.return %a : tensor<4x6xf32>
}
// CHECK-LABEL: func.func @residual(
// CHECK-NEXT:    %m = "ttir.matmul"(%x, %w)
// CHECK-NEXT:    %a = "ttir.add"(%m, %b)
// CHECK-NEXT:    func.return %a : tensor<4x6xf32>

func.func @bias_of_rows(%x : tensor<4x8xf32>, %w : tensor<8x6xf32>, %b : tensor<4x1xf32>) -> tensor<4x6xf32> {
  %m = "ttir.matmul"(%x, %w) : (tensor<4x8xf32>, tensor<8x6xf32>) -> tensor<4x6xf32>
  %a = "ttir.add"(%m, %b) : (tensor<4x6xf32>, tensor<4x1xf32>) -> tensor<4x6xf32>
  func.return %a : tensor<4x6xf32>
}
// CHECK-LABEL: func.func @bias_of_rows(
// CHECK-NEXT:    %m = "ttir.matmul"(%x, %w)
// CHECK-NEXT:    %a = "ttir.add"(%m, %b)
// CHECK-NEXT:    func.return %a : tensor<4x6xf32>

func.func @reshaped_columns(%x : tensor<4x8xf32>, %w : tensor<8x6xf32>, %b : tensor<3xf32>) -> tensor<8x3xf32> {
  %m = "ttir.matmul"(%x, %w) : (tensor<4x8xf32>, tensor<8x6xf32>) -> tensor<4x6xf32>
  %r = "ttir.reshape"(%m) <{shape = [8 : i32, 3 : i32]}> : (tensor<4x6xf32>) -> tensor<8x3xf32>
  %a = "ttir.add"(%r, %b) : (tensor<8x3xf32>, tensor<3xf32>) -> tensor<8x3xf32>
  func.return %a : tensor<8x3xf32>
}
// CHECK-LABEL: func.func @reshaped_columns(
// CHECK-NEXT:    %m = "ttir.matmul"(%x, %w)
// CHECK-NEXT:    %r = "ttir.reshape"(%m)
// CHECK-NEXT:    %a = "ttir.add"(%r, %b)
// CHECK-NEXT:    func.return %a : tensor<8x3xf32>

func.func @product_with_other_users(%x : tensor<4x8xf32>, %w : tensor<8x6xf32>, %b : tensor<6xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %m = "ttir.matmul"(%x, %w) : (tensor<4x8xf32>, tensor<8x6xf32>) -> tensor<4x6xf32>
  %a = "ttir.add"(%m, %b) : (tensor<4x6xf32>, tensor<6xf32>) -> tensor<4x6xf32>
  func.return %a, %m : tensor<4x6xf32>, tensor<4x6xf32>
}
// CHECK-LABEL: func.func @product_with_other_users(
// CHECK-NEXT:    %m = "ttir.matmul"(%x, %w)
// CHECK-NEXT:    %a = "ttir.add"(%m, %b)
// CHECK-NEXT:    func.return %a, %m : tensor<4x6xf32>, tensor<4x6xf32>

func.func @dot_general(%x : tensor<2x4x8xf32>, %w : tensor<2x6x8xf32>) -> tensor<2x4x6xf32> {
  %m = "ttir.dot_general"(%x, %w) <{batch_dims_lhs = array<i64: 0>, contract_dims_lhs = array<i64: 2>, batch_dims_rhs = array<i64: 0>, contract_dims_rhs = array<i64: 2>}> : (tensor<2x4x8xf32>, tensor<2x6x8xf32>) -> tensor<2x4x6xf32>
  func.return %m : tensor<2x4x6xf32>
}
// CHECK-LABEL: func.func @dot_general(
// CHECK-NEXT:    %m = "ttir.matmul"(%x, %w) <{transpose_a = false, transpose_b = true}>
// CHECK-NEXT:    func.return %m : tensor<2x4x6xf32>

func.func @dot_general_of_columns(%x : tensor<8x4xf32>, %w : tensor<8x6xf32>) -> tensor<4x6xf32> {
  %m = "ttir.dot_general"(%x, %w) <{batch_dims_lhs = array<i64>, contract_dims_lhs = array<i64: 0>, batch_dims_rhs = array<i64>, contract_dims_rhs = array<i64: 0>}> : (tensor<8x4xf32>, tensor<8x6xf32>) -> tensor<4x6xf32>
  func.return %m : tensor<4x6xf32>
}
// CHECK-LABEL: func.func @dot_general_of_columns(
// CHECK-NEXT:    %m = "ttir.matmul"(%x, %w) <{transpose_a = true, transpose_b = false}>
// CHECK-NEXT:    func.return %m : tensor<4x6xf32>

func.func @dot_general_with_batches_behind(%x : tensor<4x2x8xf32>, %w : tensor<2x6x8xf32>) -> tensor<2x4x6xf32> {
  %m = "ttir.dot_general"(%x, %w) <{batch_dims_lhs = array<i64: 1>, contract_dims_lhs = array<i64: 2>, batch_dims_rhs = array<i64: 0>, contract_dims_rhs = array<i64: 2>}> : (tensor<4x2x8xf32>, tensor<2x6x8xf32>) -> tensor<2x4x6xf32>
  func.return %m : tensor<2x4x6xf32>
}
// CHECK-LABEL: func.func @dot_general_with_batches_behind(
// CHECK-NEXT:    %m = "ttir.dot_general"(%x, %w)
// CHECK-NEXT:    func.return %m : tensor<2x4x6xf32>

// The flag that was set is taken back.
func.func @transposed(%x : tensor<8x4xf32>, %w : tensor<8x6xf32>) -> tensor<4x6xf32> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<8x4xf32>) -> tensor<4x8xf32>
  %k = "ttir.transpose"(%w) <{dim0 = 0 : si32, dim1 = 1 : si32}> : (tensor<8x6xf32>) -> tensor<6x8xf32>
  %m = "ttir.matmul"(%p, %k) <{transpose_b = true}> : (tensor<4x8xf32>, tensor<6x8xf32>) -> tensor<4x6xf32>
  func.return %m : tensor<4x6xf32>
}
// CHECK-LABEL: func.func @transposed(
// CHECK-NEXT:    %m = "ttir.matmul"(%x, %w) <{transpose_b = false, transpose_a = true}>
// CHECK-NEXT:    func.return %m : tensor<4x6xf32>

func.func @other_permutation(%x : tensor<8x2x4xf32>, %w : tensor<2x8x6xf32>) -> tensor<2x4x6xf32> {
  %p = "ttir.permute"(%x) <{permutation = array<i64: 1, 2, 0>}> : (tensor<8x2x4xf32>) -> tensor<2x4x8xf32>
  %m = "ttir.matmul"(%p, %w) : (tensor<2x4x8xf32>, tensor<2x8x6xf32>) -> tensor<2x4x6xf32>
  func.return %m : tensor<2x4x6xf32>
}
// CHECK-LABEL: func.func @other_permutation(
// CHECK-NEXT:    %p = "ttir.permute"(%x)
// CHECK-NEXT:    %m = "ttir.matmul"(%p, %w)
// CHECK-NEXT:    func.return %m : tensor<2x4x6xf32>

// Const-eval transposes constants.
func.func @constant_operand(%x : tensor<4x8xf32>, %w : tensor<6x8xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}) -> tensor<4x6xf32> {
  %p = "ttir.permute"(%w) <{permutation = array<i64: 1, 0>}> : (tensor<6x8xf32>) -> tensor<8x6xf32>
  %m = "ttir.matmul"(%x, %p) : (tensor<4x8xf32>, tensor<8x6xf32>) -> tensor<4x6xf32>
  func.return %m : tensor<4x6xf32>
}
// CHECK-LABEL: func.func @constant_operand(
// CHECK-NEXT:    %p = "ttir.permute"(%w)
// CHECK-NEXT:    %m = "ttir.matmul"(%x, %p)
// CHECK-NEXT:    func.return %m : tensor<4x6xf32>
