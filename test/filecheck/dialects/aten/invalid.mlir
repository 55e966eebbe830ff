// RUN: not tt-opt %s --split-input-file 2>&1 | filecheck %s

func.func @missing(%x : tensor<2xf32>) {
  "aten.call"(%x) <{callee = "aten.relu.default", args = []}> : (tensor<2xf32>) -> ()
  func.return
}
// CHECK: error: 'aten.call' op "aten.relu.default": the arguments refer to operands [], expected each once, in order: [0]

// -----

func.func @out_of_range() {
  "aten.call"() <{callee = "aten.relu.default", args = [[#aten.operand<0>]]}> : () -> ()
  func.return
}
// CHECK: error: 'aten.call' op "aten.relu.default": the arguments refer to operands [0], expected each once, in order: []

// -----

func.func @order(%x : tensor<2xf32>, %y : tensor<2xf32>) {
  "aten.call"(%x, %y) <{callee = "aten.sub.Tensor", args = [#aten.operand<1>], kwargs = {other = #aten.operand<0>}}> : (tensor<2xf32>, tensor<2xf32>) -> ()
  func.return
}
// CHECK: error: 'aten.call' op "aten.sub.Tensor": the arguments refer to operands [1, 0], expected each once, in order: [0, 1]

// -----

func.func @complex() {
  aten.call "aten.f.default"(#aten.complex<"1.0", "i">) : () -> ()
  func.return
}
// CHECK: aten.complex: the imaginary part must be a number, found 'i'

// -----

func.func @count(%x : tensor<2xf32>) {
  aten.call "aten.neg.default"(%x, %x) : (tensor<2xf32>) -> ()
  func.return
}
// CHECK: error: expected 1 operand types but had 2
// CHECK-NEXT: aten.call "aten.neg.default"(%x, %x)

// -----

func.func @keyword() {
  aten.call "aten.f.default"() kwargs(1 : i64) : () -> ()
  func.return
}
// CHECK: expected the name of a keyword argument
