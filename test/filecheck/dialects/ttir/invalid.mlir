// RUN: not tt-opt %s --split-input-file 2>&1 | filecheck %s

// A message names the op, the operand or attribute, the value found and the value expected.

func.func @operand(%x : tensor<2x3xf32>, %y : tensor<4xf32>) {
  %a = "ttir.add"(%x, %y) : (tensor<2x3xf32>, tensor<4xf32>) -> tensor<2x3xf32>
  func.return
}
// CHECK: error: 'ttir.add' op operand 'rhs' has the shape (4,), expected one that broadcasts with (2, 3)

// -----

func.func @attribute(%x : tensor<2x3xf32>) {
  %s = "ttir.softmax"(%x) <{dimension = 2 : si32}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
  func.return
}
// CHECK: error: 'ttir.softmax' op attribute 'dimension' is 2, expected a value in [-2, 2) for rank 2

// -----

func.func @result(%x : tensor<2x3xf32>) {
  %s = "ttir.sum"(%x) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<2x3xf32>) -> tensor<2xf32>
  func.return
}
// CHECK: error: 'ttir.sum' op the result has the shape (2,), expected (2, 1)

// -----

func.func @kind_of_attribute(%x : tensor<2x3xf32>) {
  %s = "ttir.softmax"(%x) <{dimension = 1 : i32}> : (tensor<2x3xf32>) -> tensor<2x3xf32>
  func.return
}
// CHECK: Expected attribute si32 but got i32

// -----

func.func @index(%x : tensor<2x3xindex>) {
  %s = "ttir.exp"(%x) : (tensor<2x3xindex>) -> tensor<2x3xindex>
  func.return
}
// CHECK: error: 'ttir.exp' op operand 0 has the type tensor<2x3xindex>, expected a tensor of numbers
