// RUN: tt-opt %s -p ttir-decompose-dot-general | filecheck %s

// Batch dimensions stay apart; an operand whose dimensions are in order is not moved.
func.func @attention(%a : tensor<8x12x3x64xf32>, %b : tensor<8x12x5x64xf32>) -> tensor<8x12x3x5xf32> {
  %0 = "ttir.dot_general"(%a, %b) <{batch_dims_lhs = array<i64: 0, 1>, contract_dims_lhs = array<i64: 3>, batch_dims_rhs = array<i64: 0, 1>, contract_dims_rhs = array<i64: 3>}> : (tensor<8x12x3x64xf32>, tensor<8x12x5x64xf32>) -> tensor<8x12x3x5xf32>
  func.return %0 : tensor<8x12x3x5xf32>
}
// CHECK-LABEL: func.func @attention
// CHECK-NEXT:    %[[B:.*]] = "ttir.permute"(%b) <{permutation = array<i64: 0, 1, 3, 2>}> : (tensor<8x12x5x64xf32>) -> tensor<8x12x64x5xf32>
// CHECK-NEXT:    %[[R:.*]] = "ttir.matmul"(%a, %[[B]]) <{transpose_a = false, transpose_b = false}> : (tensor<8x12x3x64xf32>, tensor<8x12x64x5xf32>) -> tensor<8x12x3x5xf32>
// CHECK-NEXT:    func.return %[[R]]

// Several rows' dimensions, columns' dimensions and contracted ones are joined; the result gets its own shape and type.
func.func @joined(%a : tensor<2x3x4x5xbf16>, %b : tensor<5x6x3x7xbf16>) -> tensor<2x4x6x7xf32> {
  %0 = "ttir.dot_general"(%a, %b) <{batch_dims_lhs = array<i64>, contract_dims_lhs = array<i64: 1, 3>, batch_dims_rhs = array<i64>, contract_dims_rhs = array<i64: 2, 0>}> : (tensor<2x3x4x5xbf16>, tensor<5x6x3x7xbf16>) -> tensor<2x4x6x7xf32>
  func.return %0 : tensor<2x4x6x7xf32>
}
// CHECK-LABEL: func.func @joined
// CHECK-NEXT:    %[[P:.*]] = "ttir.permute"(%a) <{permutation = array<i64: 0, 2, 1, 3>}> : (tensor<2x3x4x5xbf16>) -> tensor<2x4x3x5xbf16>
// CHECK-NEXT:    %[[A:.*]] = "ttir.reshape"(%[[P]]) <{shape = [8 : i32, 15 : i32]}> : (tensor<2x4x3x5xbf16>) -> tensor<8x15xbf16>
// CHECK-NEXT:    %[[Q:.*]] = "ttir.permute"(%b) <{permutation = array<i64: 2, 0, 1, 3>}> : (tensor<5x6x3x7xbf16>) -> tensor<3x5x6x7xbf16>
// CHECK-NEXT:    %[[B:.*]] = "ttir.reshape"(%[[Q]]) <{shape = [15 : i32, 42 : i32]}> : (tensor<3x5x6x7xbf16>) -> tensor<15x42xbf16>
// CHECK-NEXT:    %[[M:.*]] = "ttir.matmul"(%[[A]], %[[B]]) <{transpose_a = false, transpose_b = false}> : (tensor<8x15xbf16>, tensor<15x42xbf16>) -> tensor<8x42xf32>
// CHECK-NEXT:    %[[R:.*]] = "ttir.reshape"(%[[M]]) <{shape = [2 : i32, 4 : i32, 6 : i32, 7 : i32]}> : (tensor<8x42xf32>) -> tensor<2x4x6x7xf32>
// CHECK-NEXT:    func.return %[[R]]

// Nothing contracted is one product an element; everything contracted, one number.
func.func @outer_and_inner(%a : tensor<3xf32>, %b : tensor<4xf32>) -> (tensor<3x4xf32>, tensor<f32>) {
  %0 = "ttir.dot_general"(%a, %b) <{batch_dims_lhs = array<i64>, contract_dims_lhs = array<i64>, batch_dims_rhs = array<i64>, contract_dims_rhs = array<i64>}> : (tensor<3xf32>, tensor<4xf32>) -> tensor<3x4xf32>
  %1 = "ttir.dot_general"(%a, %a) <{batch_dims_lhs = array<i64>, contract_dims_lhs = array<i64: 0>, batch_dims_rhs = array<i64>, contract_dims_rhs = array<i64: 0>}> : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
  func.return %0, %1 : tensor<3x4xf32>, tensor<f32>
}
// CHECK-LABEL: func.func @outer_and_inner
// CHECK:         "ttir.matmul"(%{{.*}}, %{{.*}}) <{transpose_a = false, transpose_b = false}> : (tensor<3x1xf32>, tensor<1x4xf32>) -> tensor<3x4xf32>
// CHECK:         %[[N:.*]] = "ttir.matmul"(%{{.*}}, %{{.*}}) <{transpose_a = false, transpose_b = false}> : (tensor<1x3xf32>, tensor<3x1xf32>) -> tensor<1x1xf32>
// CHECK-NEXT:    "ttir.reshape"(%[[N]]) <{shape = []}> : (tensor<1x1xf32>) -> tensor<f32>

// What has extents that are not known stays.
func.func @dynamic(%a : tensor<?x8xf32>, %b : tensor<8x4xf32>) -> tensor<?x4xf32> {
  %0 = "ttir.dot_general"(%a, %b) <{batch_dims_lhs = array<i64>, contract_dims_lhs = array<i64: 1>, batch_dims_rhs = array<i64>, contract_dims_rhs = array<i64: 0>}> : (tensor<?x8xf32>, tensor<8x4xf32>) -> tensor<?x4xf32>
  func.return %0 : tensor<?x4xf32>
}
// CHECK-LABEL: func.func @dynamic
// CHECK-NEXT:    %{{.*}} = "ttir.dot_general"(%a, %b)
