// RUN: tt-opt %s -p canonicalize | filecheck %s

// A linear without bias is a matmul.
func.func @linear(%a : tensor<3x4x8xf32>, %b : tensor<5x8xf32>, %c : tensor<5xf32>) -> (tensor<3x4x5xf32>, tensor<3x4x5xf32>) {
  %0 = "ttir.linear"(%a, %b) <{transpose_b = true}> : (tensor<3x4x8xf32>, tensor<5x8xf32>) -> tensor<3x4x5xf32>
  %1 = "ttir.linear"(%a, %b, %c) <{transpose_b = true}> : (tensor<3x4x8xf32>, tensor<5x8xf32>, tensor<5xf32>) -> tensor<3x4x5xf32>
  func.return %0, %1 : tensor<3x4x5xf32>, tensor<3x4x5xf32>
}
// CHECK-LABEL: func.func @linear
// CHECK-NEXT:    %{{.*}} = "ttir.matmul"(%a, %b) <{transpose_a = false, transpose_b = true}>
// CHECK-NEXT:    %{{.*}} = "ttir.linear"(%a, %b, %c)

// Batch dimensions that are joined for the product alone are kept.
func.func @batch(%a : tensor<2x3x4x8xf32>, %b : tensor<2x3x5x8xf32>) -> tensor<2x3x4x5xf32> {
  %0 = "ttir.reshape"(%a) <{shape = [6 : i32, 4 : i32, 8 : i32]}> : (tensor<2x3x4x8xf32>) -> tensor<6x4x8xf32>
  %1 = "ttir.reshape"(%b) <{shape = [6 : i32, 5 : i32, 8 : i32]}> : (tensor<2x3x5x8xf32>) -> tensor<6x5x8xf32>
  %2 = "ttir.matmul"(%0, %1) <{transpose_b = true}> : (tensor<6x4x8xf32>, tensor<6x5x8xf32>) -> tensor<6x4x5xf32>
  %3 = "ttir.reshape"(%2) <{shape = [2 : i32, 3 : i32, 4 : i32, 5 : i32]}> : (tensor<6x4x5xf32>) -> tensor<2x3x4x5xf32>
  func.return %3 : tensor<2x3x4x5xf32>
}
// CHECK-LABEL: func.func @batch
// CHECK-NEXT:    %[[R:.*]] = "ttir.matmul"(%a, %b) <{transpose_a = false, transpose_b = true}> : (tensor<2x3x4x8xf32>, tensor<2x3x5x8xf32>) -> tensor<2x3x4x5xf32>
// CHECK-NEXT:    func.return %[[R]]

// Not where one operand has other batch dimensions, the result is split otherwise, or is used elsewhere.
func.func @other_batch(%a : tensor<2x3x4x8xf32>, %b : tensor<3x2x8x5xf32>) -> tensor<2x3x4x5xf32> {
  %0 = "ttir.reshape"(%a) <{shape = [6 : i32, 4 : i32, 8 : i32]}> : (tensor<2x3x4x8xf32>) -> tensor<6x4x8xf32>
  %1 = "ttir.reshape"(%b) <{shape = [6 : i32, 8 : i32, 5 : i32]}> : (tensor<3x2x8x5xf32>) -> tensor<6x8x5xf32>
  %2 = "ttir.matmul"(%0, %1) : (tensor<6x4x8xf32>, tensor<6x8x5xf32>) -> tensor<6x4x5xf32>
  %3 = "ttir.reshape"(%2) <{shape = [2 : i32, 3 : i32, 4 : i32, 5 : i32]}> : (tensor<6x4x5xf32>) -> tensor<2x3x4x5xf32>
  func.return %3 : tensor<2x3x4x5xf32>
}
// CHECK-LABEL: func.func @other_batch
// CHECK:         "ttir.matmul"(%{{.*}}, %{{.*}}) {{.*}} -> tensor<6x4x5xf32>
func.func @other_split(%a : tensor<2x3x4x8xf32>, %b : tensor<2x3x8x5xf32>) -> tensor<3x2x4x5xf32> {
  %0 = "ttir.reshape"(%a) <{shape = [6 : i32, 4 : i32, 8 : i32]}> : (tensor<2x3x4x8xf32>) -> tensor<6x4x8xf32>
  %1 = "ttir.reshape"(%b) <{shape = [6 : i32, 8 : i32, 5 : i32]}> : (tensor<2x3x8x5xf32>) -> tensor<6x8x5xf32>
  %2 = "ttir.matmul"(%0, %1) : (tensor<6x4x8xf32>, tensor<6x8x5xf32>) -> tensor<6x4x5xf32>
  %3 = "ttir.reshape"(%2) <{shape = [3 : i32, 2 : i32, 4 : i32, 5 : i32]}> : (tensor<6x4x5xf32>) -> tensor<3x2x4x5xf32>
  func.return %3 : tensor<3x2x4x5xf32>
}
// CHECK-LABEL: func.func @other_split
// CHECK:         "ttir.matmul"(%{{.*}}, %{{.*}}) {{.*}} -> tensor<6x4x5xf32>
func.func @used_twice(%a : tensor<2x3x4x8xf32>, %b : tensor<2x3x8x5xf32>) -> (tensor<2x3x4x5xf32>, tensor<6x4x5xf32>) {
  %0 = "ttir.reshape"(%a) <{shape = [6 : i32, 4 : i32, 8 : i32]}> : (tensor<2x3x4x8xf32>) -> tensor<6x4x8xf32>
  %1 = "ttir.reshape"(%b) <{shape = [6 : i32, 8 : i32, 5 : i32]}> : (tensor<2x3x8x5xf32>) -> tensor<6x8x5xf32>
  %2 = "ttir.matmul"(%0, %1) : (tensor<6x4x8xf32>, tensor<6x8x5xf32>) -> tensor<6x4x5xf32>
  %3 = "ttir.reshape"(%2) <{shape = [2 : i32, 3 : i32, 4 : i32, 5 : i32]}> : (tensor<6x4x5xf32>) -> tensor<2x3x4x5xf32>
  func.return %3, %2 : tensor<2x3x4x5xf32>, tensor<6x4x5xf32>
}
// CHECK-LABEL: func.func @used_twice
// CHECK:         "ttir.matmul"(%{{.*}}, %{{.*}}) {{.*}} -> tensor<6x4x5xf32>
// CHECK-NEXT:    "ttir.reshape"

// A product over rows that are joined with the batch is another product.
func.func @rows(%a : tensor<2x3x4xf32>, %b : tensor<4x5xf32>) -> tensor<2x3x5xf32> {
  %0 = "ttir.reshape"(%a) <{shape = [6 : i32, 4 : i32]}> : (tensor<2x3x4xf32>) -> tensor<6x4xf32>
  %1 = "ttir.matmul"(%0, %b) : (tensor<6x4xf32>, tensor<4x5xf32>) -> tensor<6x5xf32>
  %2 = "ttir.reshape"(%1) <{shape = [2 : i32, 3 : i32, 5 : i32]}> : (tensor<6x5xf32>) -> tensor<2x3x5xf32>
  func.return %2 : tensor<2x3x5xf32>
}
// CHECK-LABEL: func.func @rows
// CHECK-NEXT:    %{{.*}} = "ttir.reshape"(%a)
// CHECK-NEXT:    %{{.*}} = "ttir.matmul"
