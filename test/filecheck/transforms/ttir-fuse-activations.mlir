// RUN: tt-opt %s -p ttir-fuse | filecheck %s

// Activation functions that are written out.

// The zero may be on either side.
func.func @relu_of_maximum(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %z = "ttir.zeros"() <{shape = array<i32: 4, 8>}> : () -> tensor<4x8xf32>
  %a = "ttir.maximum"(%z, %x) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @relu_of_maximum(
// CHECK-NEXT:    %a = "ttir.relu"(%x)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

// One is no zero.
func.func @maximum_of_one(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %z = "ttir.ones"() <{shape = array<i32: 4, 8>}> : () -> tensor<4x8xf32>
  %a = "ttir.maximum"(%z, %x) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @maximum_of_one(
// CHECK-NEXT:    %z = "ttir.ones"()
// CHECK-NEXT:    %a = "ttir.maximum"(%z, %x)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

// Nor is a maximum that broadcasts x a relu.
func.func @maximum_that_broadcasts(%x : tensor<1x8xf32>) -> tensor<4x8xf32> {
  %z = "ttir.zeros"() <{shape = array<i32: 4, 8>}> : () -> tensor<4x8xf32>
  %a = "ttir.maximum"(%x, %z) : (tensor<1x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @maximum_that_broadcasts(
// CHECK-NEXT:    %z = "ttir.zeros"()
// CHECK-NEXT:    %a = "ttir.maximum"(%x, %z)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

func.func @relu_of_clamp(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %a = "ttir.clamp_scalar"(%x) <{min = 0.0 : f32, max = 0x7F800000 : f32}> : (tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @relu_of_clamp(
// CHECK-NEXT:    %a = "ttir.relu"(%x)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

func.func @relu6_of_minimum(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %r = "ttir.relu"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.full"() <{fill_value = 6.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %a = "ttir.minimum"(%r, %s) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @relu6_of_minimum(
// CHECK-NEXT:    %a = "ttir.relu6"(%x)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

// A second clamp changes nothing.
func.func @relu6_of_clamps(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %z = "ttir.zeros"() <{shape = array<i32: 1>}> : () -> tensor<1xf32>
  %s = "ttir.full"() <{fill_value = 6.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %a = "ttir.clamp_tensor"(%x, %z, %s) : (tensor<4x8xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %b = "ttir.clamp_scalar"(%a) <{min = 0 : i32, max = 6 : i32}> : (tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %b : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @relu6_of_clamps(
// CHECK-NEXT:    %b = "ttir.relu6"(%x)
// CHECK-NEXT:    func.return %b : tensor<4x8xf32>

func.func @minimum_of_five(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %r = "ttir.relu"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.full"() <{fill_value = 5.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %a = "ttir.minimum"(%r, %s) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @minimum_of_five(
// CHECK-NEXT:    %r = "ttir.relu"(%x)
// CHECK-NEXT:    %s = "ttir.full"()
// CHECK-NEXT:    %a = "ttir.minimum"(%r, %s)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

// The relu stays for its other user; what is fused would compute it again.
func.func @relu_with_other_users(%x : tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %r = "ttir.relu"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.full"() <{fill_value = 6.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %a = "ttir.minimum"(%r, %s) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  func.return %a, %r : tensor<4x8xf32>, tensor<4x8xf32>
}
// CHECK-LABEL: func.func @relu_with_other_users(
// CHECK-NEXT:    %r = "ttir.relu"(%x)
// CHECK-NEXT:    %s = "ttir.full"()
// CHECK-NEXT:    %a = "ttir.minimum"(%r, %s)
// CHECK-NEXT:    func.return %a, %r : tensor<4x8xf32>, tensor<4x8xf32>

func.func @hardsigmoid(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %t = "ttir.full"() <{fill_value = 3.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %s = "ttir.full"() <{fill_value = 6.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %a = "ttir.add"(%x, %t) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %b = "ttir.relu6"(%a) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %c = "ttir.div"(%b, %s) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  func.return %c : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @hardsigmoid(
// CHECK-NEXT:    %c = "ttir.hardsigmoid"(%x)
// CHECK-NEXT:    func.return %c : tensor<4x8xf32>

func.func @hardsigmoid_of_wrong_shift(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %t = "ttir.full"() <{fill_value = 2.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %s = "ttir.full"() <{fill_value = 6.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %a = "ttir.add"(%x, %t) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %b = "ttir.relu6"(%a) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %c = "ttir.div"(%b, %s) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  func.return %c : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @hardsigmoid_of_wrong_shift(
// CHECK-NEXT:    %t = "ttir.full"()
// CHECK-NEXT:    %s = "ttir.full"()
// CHECK-NEXT:    %a = "ttir.add"(%x, %t)
// CHECK-NEXT:    %b = "ttir.relu6"(%a)
// CHECK-NEXT:    %c = "ttir.div"(%b, %s)
// CHECK-NEXT:    func.return %c : tensor<4x8xf32>

func.func @sigmoid(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %o = "ttir.ones"() <{shape = array<i32: 1>}> : () -> tensor<1xf32>
  %n = "ttir.neg"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %e = "ttir.exp"(%n) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %p = "ttir.add"(%o, %e) : (tensor<1xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %a = "ttir.reciprocal"(%p) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @sigmoid(
// CHECK-NEXT:    %a = "ttir.sigmoid"(%x)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

// e^x in place of e^-x.
func.func @no_sigmoid(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %o = "ttir.ones"() <{shape = array<i32: 1>}> : () -> tensor<1xf32>
  %e = "ttir.exp"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %p = "ttir.add"(%o, %e) : (tensor<1xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %a = "ttir.reciprocal"(%p) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @no_sigmoid(
// CHECK-NEXT:    %o = "ttir.ones"()
// CHECK-NEXT:    %e = "ttir.exp"(%x)
// CHECK-NEXT:    %p = "ttir.add"(%o, %e)
// CHECK-NEXT:    %a = "ttir.reciprocal"(%p)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

func.func @silu(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %s = "ttir.sigmoid"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %a = "ttir.multiply"(%s, %x) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @silu(
// CHECK-NEXT:    %a = "ttir.silu"(%x)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

func.func @silu_of_quotient(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %o = "ttir.ones"() <{shape = array<i32: 1>}> : () -> tensor<1xf32>
  %n = "ttir.neg"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %e = "ttir.exp"(%n) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %p = "ttir.add"(%e, %o) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %a = "ttir.div"(%x, %p) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @silu_of_quotient(
// CHECK-NEXT:    %a = "ttir.silu"(%x)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

// A gate is no silu.
func.func @gate_of_another_value(%x : tensor<4x8xf32>, %y : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %s = "ttir.sigmoid"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %a = "ttir.multiply"(%s, %y) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @gate_of_another_value(
// CHECK-NEXT:    %s = "ttir.sigmoid"(%x)
// CHECK-NEXT:    %a = "ttir.multiply"(%s, %y)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

func.func @mish(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = "ttir.exp"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %p = "ttir.log1p"(%e) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %t = "ttir.tanh"(%p) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %a = "ttir.multiply"(%x, %t) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @mish(
// CHECK-NEXT:    %a = "ttir.mish"(%x)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

func.func @no_mish(%x : tensor<4x8xf32>, %y : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %e = "ttir.exp"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %p = "ttir.log1p"(%e) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %t = "ttir.tanh"(%p) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %a = "ttir.multiply"(%y, %t) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @no_mish(
// CHECK-NEXT:    %e = "ttir.exp"(%x)
// CHECK-NEXT:    %p = "ttir.log1p"(%e)
// CHECK-NEXT:    %t = "ttir.tanh"(%p)
// CHECK-NEXT:    %a = "ttir.multiply"(%y, %t)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

func.func @gelu(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %h = "ttir.full"() <{fill_value = 0.5 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %r = "ttir.full"() <{fill_value = 0.707106769 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %o = "ttir.ones"() <{shape = array<i32: 1>}> : () -> tensor<1xf32>
  %u = "ttir.multiply"(%x, %r) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %e = "ttir.erf"(%u) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %p = "ttir.add"(%e, %o) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %b = "ttir.multiply"(%x, %h) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %a = "ttir.multiply"(%b, %p) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @gelu(
// CHECK-NEXT:    %a = "ttir.gelu"(%x)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

// x is a product itself; the factors come in another order; the constant is rounded to its type.
func.func @gelu_of_product(%x : tensor<4x8xbf16>, %y : tensor<4x8xbf16>) -> tensor<4x8xbf16> {
  %h = "ttir.full"() <{fill_value = 0.5 : f32, shape = array<i32: 1>}> : () -> tensor<1xbf16>
  %r = "ttir.full"() <{fill_value = 1.4140625 : f32, shape = array<i32: 1>}> : () -> tensor<1xbf16>
  %z = "ttir.multiply"(%x, %y) : (tensor<4x8xbf16>, tensor<4x8xbf16>) -> tensor<4x8xbf16>
  %u = "ttir.div"(%z, %r) : (tensor<4x8xbf16>, tensor<1xbf16>) -> tensor<4x8xbf16>
  %e = "ttir.erf"(%u) : (tensor<4x8xbf16>) -> tensor<4x8xbf16>
  %b = "ttir.multiply"(%e, %h) : (tensor<4x8xbf16>, tensor<1xbf16>) -> tensor<4x8xbf16>
  %p = "ttir.add"(%h, %b) : (tensor<1xbf16>, tensor<4x8xbf16>) -> tensor<4x8xbf16>
  %a = "ttir.multiply"(%p, %z) : (tensor<4x8xbf16>, tensor<4x8xbf16>) -> tensor<4x8xbf16>
  func.return %a : tensor<4x8xbf16>
}
// CHECK-LABEL: func.func @gelu_of_product(
// CHECK-NEXT:    %z = "ttir.multiply"(%x, %y)
// CHECK-NEXT:    %a = "ttir.gelu"(%z)
// CHECK-NEXT:    func.return %a : tensor<4x8xbf16>

func.func @gelu_of_erfc(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %h = "ttir.full"() <{fill_value = 0.5 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %r = "ttir.full"() <{fill_value = -0.707106769 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %u = "ttir.multiply"(%x, %r) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %e = "ttir.erfc"(%u) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %b = "ttir.multiply"(%x, %e) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %a = "ttir.multiply"(%b, %h) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @gelu_of_erfc(
// CHECK-NEXT:    %a = "ttir.gelu"(%x)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

func.func @gelu_of_wrong_root(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %h = "ttir.full"() <{fill_value = 0.5 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %r = "ttir.full"() <{fill_value = 0.70 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %o = "ttir.ones"() <{shape = array<i32: 1>}> : () -> tensor<1xf32>
  %u = "ttir.multiply"(%x, %r) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %e = "ttir.erf"(%u) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %p = "ttir.add"(%e, %o) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %b = "ttir.multiply"(%x, %h) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %a = "ttir.multiply"(%b, %p) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @gelu_of_wrong_root(
// CHECK-NEXT:    %h = "ttir.full"()
// CHECK-NEXT:    %r = "ttir.full"()
// CHECK-NEXT:    %o = "ttir.ones"()
// CHECK-NEXT:    %u = "ttir.multiply"(%x, %r)
// CHECK-NEXT:    %e = "ttir.erf"(%u)
// CHECK-NEXT:    %p = "ttir.add"(%e, %o)
// CHECK-NEXT:    %b = "ttir.multiply"(%x, %h)
// CHECK-NEXT:    %a = "ttir.multiply"(%b, %p)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

// The approximation by tanh is another function.
func.func @gelu_of_tanh(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %h = "ttir.full"() <{fill_value = 0.5 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %r = "ttir.full"() <{fill_value = 0.797884583 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %o = "ttir.ones"() <{shape = array<i32: 1>}> : () -> tensor<1xf32>
  %u = "ttir.multiply"(%x, %r) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %e = "ttir.tanh"(%u) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %p = "ttir.add"(%e, %o) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %b = "ttir.multiply"(%x, %h) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %a = "ttir.multiply"(%b, %p) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @gelu_of_tanh(
// CHECK-NEXT:    %h = "ttir.full"()
// CHECK-NEXT:    %r = "ttir.full"()
// CHECK-NEXT:    %o = "ttir.ones"()
// CHECK-NEXT:    %u = "ttir.multiply"(%x, %r)
// CHECK-NEXT:    %e = "ttir.tanh"(%u)
// CHECK-NEXT:    %p = "ttir.add"(%e, %o)
// CHECK-NEXT:    %b = "ttir.multiply"(%x, %h)
// CHECK-NEXT:    %a = "ttir.multiply"(%b, %p)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>
