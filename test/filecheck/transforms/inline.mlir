// RUN: tt-opt %s -p inline --split-input-file | filecheck %s
// RUN: tt-opt %s -p inline --split-input-file --print-debuginfo | filecheck %s --check-prefix=LOC

// Calls of calls, twice; the result of one is the operand of another.
// CHECK:      func.func @nested(%a: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
// CHECK-NEXT:   %0 = "ttir.neg"(%a)
// CHECK-NEXT:   %1 = "ttir.exp"(%0)
// CHECK-NEXT:   %2 = "ttir.neg"(%1)
// CHECK-NEXT:   %3 = "ttir.exp"(%2)
// CHECK-NEXT:   func.return %3, %a
// CHECK-NOT:  func.func private
// LOC: "ttir.neg"(%a) : {{.*}} loc(callsite(callsite("neg" at "call of neg") at "first"))
// LOC: "ttir.exp"(%0) : {{.*}} loc(callsite("exp" at "first"))
func.func @nested(%a : tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0:2 = call @both(%a) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) loc("first")
  %1:2 = call @both(%0#0) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return %1#0, %a : tensor<4xf32>, tensor<4xf32>
}
func.func private @both(%a : tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = call @neg(%a) : (tensor<4xf32>) -> tensor<4xf32> loc("call of neg")
  %1 = "ttir.exp"(%0) : (tensor<4xf32>) -> tensor<4xf32> loc("exp")
  return %1, %a : tensor<4xf32>, tensor<4xf32>
}
func.func private @neg(%a : tensor<4xf32>) -> tensor<4xf32> {
  %0 = "ttir.neg"(%a) : (tensor<4xf32>) -> tensor<4xf32> loc("neg")
  return %0 : tensor<4xf32>
}

// -----

// A public function stays. So do host functions, and what const-eval functions are.
// CHECK:      func.func @caller
// CHECK-NEXT:   "ttir.neg"
// CHECK-NEXT:   func.call @cpu_hoisted
// CHECK-NEXT:   ttcore.load_cached(@const_eval
// CHECK-NEXT:   func.return
// CHECK:      func.func @public
// CHECK:      func.func private @cpu_hoisted
// CHECK:      func.func private @const_eval
func.func @caller(%a : tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = call @public(%a) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = call @cpu_hoisted(%0) : (tensor<4xf32>) -> tensor<4xf32>
  %2 = ttcore.load_cached(@const_eval, [%a]) : (tensor<4xf32>) -> tensor<4xf32>
  return %1, %2 : tensor<4xf32>, tensor<4xf32>
}
func.func @public(%a : tensor<4xf32>) -> tensor<4xf32> {
  %0 = "ttir.neg"(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @cpu_hoisted(tensor<4xf32>) -> tensor<4xf32> attributes {tt.function_type = "forward_cpu_declaration"}
func.func private @const_eval(%a : tensor<4xf32>) -> tensor<4xf32> attributes {tt.function_type = "const_eval"} {
  %0 = "ttir.exp"(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// A composite is what its decomposition says.
// CHECK:      func.func @composite(%a: tensor<4xf32>) -> tensor<4xf32> {
// CHECK-NEXT:   %0 = "ttir.relu"(%a)
// CHECK-NEXT:   func.return %0
func.func @composite(%a : tensor<4xf32>) -> tensor<4xf32> {
  %0 = "ttcore.composite"(%a) <{composite_name = "gate", decomposition = @relu, composite_attributes = {}}> : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func private @relu(%a : tensor<4xf32>) -> tensor<4xf32> {
  %0 = "ttir.relu"(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
