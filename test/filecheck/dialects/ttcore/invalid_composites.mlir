// RUN: not tt-opt %s --split-input-file 2>&1 | filecheck %s

func.func @no_function(%x: tensor<4xf32>) {
  %c = "ttcore.composite"(%x) <{composite_name = "c", decomposition = @missing}> : (tensor<4xf32>) -> tensor<4xf32>
  func.return
}
// CHECK: error: 'ttcore.composite' op '@missing' does not reference a function

// -----

func.func private @decomposition(tensor<8xf32>) -> tensor<4xf32>
func.func @operands(%x: tensor<4xf32>) {
  %c = "ttcore.composite"(%x) <{composite_name = "c", decomposition = @decomposition}> : (tensor<4xf32>) -> tensor<4xf32>
  func.return
}
// CHECK: error: 'ttcore.composite' op operands have the types (tensor<4xf32>), expected those of '@decomposition': (tensor<8xf32>)

// -----

func.func private @decomposition(tensor<4xf32>) -> tensor<8xf32>
func.func @results(%x: tensor<4xf32>) {
  %c = "ttcore.composite"(%x) <{composite_name = "c", decomposition = @decomposition}> : (tensor<4xf32>) -> tensor<4xf32>
  func.return
}
// CHECK: error: 'ttcore.composite' op results have the types (tensor<4xf32>), expected those of '@decomposition': (tensor<8xf32>)

// -----

func.func @no_global() {
  %g = ttcore.get_global @missing : tensor<4xf32>
  func.return
}
// CHECK: error: 'ttcore.get_global' op '@missing' does not reference a global

// -----

ttcore.global @weights = tensor<8xf32>
func.func @other_type() {
  %g = ttcore.get_global @weights : tensor<4xf32>
  func.return
}
// CHECK: error: 'ttcore.get_global' op the result has the type tensor<4xf32>, expected tensor<8xf32>, that of '@weights'

// -----

func.func @barrier(%x: tensor<4xf32>) {
  %b = "ttcore.optimization_barrier"(%x) : (tensor<4xf32>) -> tensor<8xf32>
  func.return
}
// CHECK: error: 'ttcore.optimization_barrier' op results have the types (tensor<8xf32>), expected those of the operands, (tensor<4xf32>)

// -----

func.func @tuple(%x: tensor<4xf32>) {
  %t = "ttcore.tuple"(%x) : (tensor<4xf32>) -> tuple<tensor<8xf32>>
  func.return
}
// CHECK: error: 'ttcore.tuple' op operands have the types (tensor<4xf32>), expected those in the result, tuple<tensor<8xf32>>

// -----

func.func @no_tuple(%x: tensor<4xf32>) {
  %t = ttcore.tuple %x : tensor<4xf32>
  func.return
}
// CHECK: error: expected a tuple type, found tensor<4xf32>

// -----

func.func @index(%t: tuple<tensor<4xf32>>) {
  %e = ttcore.get_tuple_element %t[1] : (tuple<tensor<4xf32>>) -> tensor<4xf32>
  func.return
}
// CHECK: error: 'ttcore.get_tuple_element' op attribute 'index' is 1, expected a value in [0, 1)

// -----

func.func @element(%t: tuple<tensor<4xf32>>) {
  %e = ttcore.get_tuple_element %t[0] : (tuple<tensor<4xf32>>) -> tensor<8xf32>
  func.return
}
// CHECK: error: 'ttcore.get_tuple_element' op the result has the type tensor<8xf32>, expected tensor<4xf32>, element 0

// -----

ttcore.device @device = #ttcore.grid<8x8>
// CHECK: error: expected a device
