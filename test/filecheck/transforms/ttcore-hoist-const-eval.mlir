// RUN: tt-opt %s -p ttcore-hoist-const-eval | filecheck %s
// RUN: tt-opt %s -p ttcore-hoist-const-eval,ttcore-hoist-const-eval | filecheck %s

// Equal work on two parameters shares one function; a literal is repeated in it and stays for its other users.
func.func @weights(%x : tensor<4x8xf32>, %w : tensor<5x8xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>}, %v : tensor<5x8xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>}, %b : tensor<5xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}) -> (tensor<4x5xf32>, tensor<4x5xf32>) {
  %wt = "ttir.permute"(%w) <{permutation = array<i64: 1, 0>}> : (tensor<5x8xf32>) -> tensor<8x5xf32>
  %vt = "ttir.permute"(%v) <{permutation = array<i64: 1, 0>}> : (tensor<5x8xf32>) -> tensor<8x5xf32>
  %two = "ttir.full"() <{fill_value = 2.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %b2 = aten.call "aten.mul.Tensor"(%b, 2.0 : f64) : (tensor<5xf32>) -> tensor<5xf32>
  %b4 = "ttir.multiply"(%b2, %two) : (tensor<5xf32>, tensor<1xf32>) -> tensor<5xf32>
  %0 = "ttir.linear"(%x, %wt, %b4) : (tensor<4x8xf32>, tensor<8x5xf32>, tensor<5xf32>) -> tensor<4x5xf32>
  %1 = "ttir.matmul"(%x, %vt) : (tensor<4x8xf32>, tensor<8x5xf32>) -> tensor<4x5xf32>
  %2 = "ttir.multiply"(%1, %two) : (tensor<4x5xf32>, tensor<1xf32>) -> tensor<4x5xf32>
  func.return %0, %2 : tensor<4x5xf32>, tensor<4x5xf32>
}
// CHECK:      func.func private @weights_const_eval_0(%w: tensor<5x8xf32>) -> tensor<8x5xf32> attributes {tt.function_type = "const_eval"} {
// CHECK-NEXT:   %wt = "ttir.permute"(%w)
// CHECK-NEXT:   func.return %wt
// CHECK:      func.func private @weights_const_eval_1(%b: tensor<5xf32>) -> tensor<5xf32> attributes {tt.function_type = "const_eval"} {
// CHECK-NEXT:   %two = "ttir.full"()
// CHECK-NEXT:   %b2 = aten.call "aten.mul.Tensor"(%b, 2.000000e+00 : f64)
// CHECK-NEXT:   %b4 = "ttir.multiply"(%b2, %two)
// CHECK-NEXT:   func.return %b4
// CHECK-LABEL: func.func @weights
// CHECK-DAG:    %wt = ttcore.load_cached(@weights_const_eval_0, [%w]) : (tensor<5x8xf32>) -> tensor<8x5xf32>
// CHECK-DAG:    %vt = ttcore.load_cached(@weights_const_eval_0, [%v]) : (tensor<5x8xf32>) -> tensor<8x5xf32>
// CHECK-DAG:    %b4 = ttcore.load_cached(@weights_const_eval_1, [%b]) : (tensor<5xf32>) -> tensor<5xf32>
// CHECK-DAG:    %two = "ttir.full"()
// CHECK-NEXT:   %0 = "ttir.linear"(%x, %wt, %b4)
// CHECK-NEXT:   %1 = "ttir.matmul"(%x, %vt)
// CHECK-NEXT:   %2 = "ttir.multiply"(%1, %two)

// A later run inlines what an earlier one made; the old function goes once nobody loads it any more.
func.func private @old(%w : tensor<5x8xf32>) -> tensor<8x5xf32> attributes {tt.function_type = "const_eval"} {
  %0 = "ttir.permute"(%w) <{permutation = array<i64: 1, 0>}> : (tensor<5x8xf32>) -> tensor<8x5xf32>
  func.return %0 : tensor<8x5xf32>
}
func.func @first(%w : tensor<5x8xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>}) -> tensor<8x5xf32> {
  %0 = ttcore.load_cached(@old, [%w]) : (tensor<5x8xf32>) -> tensor<8x5xf32>
  %1 = "ttir.exp"(%0) : (tensor<8x5xf32>) -> tensor<8x5xf32>
  func.return %1 : tensor<8x5xf32>
}
func.func @second(%w : tensor<5x8xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>}) -> (tensor<8x5xf32>, tensor<8x5xf32>) {
  %0 = ttcore.load_cached(@old, [%w]) : (tensor<5x8xf32>) -> tensor<8x5xf32>
  %1 = "ttir.neg"(%0) : (tensor<8x5xf32>) -> tensor<8x5xf32>
  func.return %1, %0 : tensor<8x5xf32>, tensor<8x5xf32>
}
// CHECK-NOT:  @old
// CHECK:      func.func private @first_const_eval_0(%w: tensor<5x8xf32>) -> tensor<8x5xf32>
// CHECK-NEXT:   %[[P:.*]] = "ttir.permute"(%w)
// CHECK-NEXT:   %[[E:.*]] = "ttir.exp"(%[[P]])
// CHECK-NEXT:   func.return %[[E]]
// CHECK:      func.func private @second_const_eval_0(%w: tensor<5x8xf32>) -> (tensor<8x5xf32>, tensor<8x5xf32>)
// CHECK-LABEL: func.func @second
// CHECK-NEXT:   %[[A:.*]], %[[B:.*]] = ttcore.load_cached(@second_const_eval_0, [%w])
// CHECK-NEXT:   func.return %[[B]], %[[A]]

// Not while another function loads it.
func.func private @kept(%w : tensor<4xf32>) -> tensor<4xf32> attributes {tt.function_type = "const_eval"} {
  %0 = "ttir.exp"(%w) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}
func.func @third(%w : tensor<4xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>}) -> tensor<4xf32> {
  %0 = ttcore.load_cached(@kept, [%w]) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = "ttir.neg"(%0) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %1 : tensor<4xf32>
}
func.func @fourth(%w : tensor<4xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>}) -> tensor<4xf32> {
  %0 = ttcore.load_cached(@kept, [%w]) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}
// CHECK:       func.func private @kept
// CHECK:       func.func private @third_const_eval_0
// CHECK-LABEL: func.func @fourth
// CHECK-NEXT:    %0 = ttcore.load_cached(@kept, [%w])

// Inputs and random numbers are no constants, literals alone no work.
func.func @nothing(%x : tensor<4xf32> {ttcore.argument_type = #ttcore.argument_type<input>}) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0 = "ttir.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = aten.call "aten.rand.default"([4 : i64]) : () -> tensor<4xf32>
  %2 = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xf32>
  func.return %0, %1, %2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}
// CHECK-LABEL: func.func @nothing
// CHECK-NEXT:    %{{.*}} = "ttir.exp"
// CHECK-NEXT:    %{{.*}} = aten.call "aten.rand.default"
// CHECK-NEXT:    %{{.*}} = "ttir.zeros"
