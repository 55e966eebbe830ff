// RUN: tt-opt %s -p canonicalize | filecheck %s

// Elementwise ops.

// x + 0, x - 0, x * 1, x / 1 and x^1 are x.
func.func @neutral_number(%x : tensor<4x8xf32>) -> (tensor<4x8xf32>) {
  %zero = "ttir.zeros"() <{shape = array<i32: 8>}> : () -> tensor<8xf32>
  %one = "ttir.full"() <{fill_value = 1.0 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %a = "ttir.add"(%zero, %x) : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.subtract"(%a, %zero) : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %m = "ttir.multiply"(%s, %one) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %d = "ttir.div"(%m, %one) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  %p = "ttir.pow"(%d, %one) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  func.return %p : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @neutral_number(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
// CHECK-NEXT:    func.return %x : tensor<4x8xf32>
// CHECK-NEXT:  }

// Not where the type changes, nor on the side that matters.
func.func @not_neutral(%x : tensor<8xf32>, %y : tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<8xf32>, tensor<8xbf16>) {
  %zero = "ttir.zeros"() <{shape = array<i32: 4, 8>}> : () -> tensor<4x8xf32>
  %one = "ttir.ones"() <{shape = array<i32: 8>}> : () -> tensor<8xf32>
  %a = "ttir.add"(%x, %zero) : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.subtract"(%zero, %y) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %d = "ttir.div"(%one, %x) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %m = "ttir.multiply"(%x, %one) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xbf16>
  func.return %a, %s, %d, %m : tensor<4x8xf32>, tensor<4x8xf32>, tensor<8xf32>, tensor<8xbf16>
}
// CHECK-LABEL: func.func @not_neutral(%x: tensor<8xf32>, %y: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<8xf32>, tensor<8xbf16>) {
// CHECK-NEXT:    %zero = "ttir.zeros"() <{shape = array<i32: 4, 8>}> : () -> tensor<4x8xf32>
// CHECK-NEXT:    %one = "ttir.ones"() <{shape = array<i32: 8>}> : () -> tensor<8xf32>
// CHECK-NEXT:    %a = "ttir.add"(%x, %zero) : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %s = "ttir.subtract"(%zero, %y) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %d = "ttir.div"(%one, %x) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
// CHECK-NEXT:    %m = "ttir.multiply"(%x, %one) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xbf16>
// CHECK-NEXT:    func.return %a, %s, %d, %m : tensor<4x8xf32>, tensor<4x8xf32>, tensor<8xf32>, tensor<8xbf16>
// CHECK-NEXT:  }

// Of conditions; a number that may be other than 0 or 1 stays.
func.func @logical(%c : tensor<4x8xi1>, %x : tensor<4x8xf32>) -> (tensor<4x8xi1>, tensor<4x8xi1>, tensor<4x8xi1>, tensor<4x8xf32>) {
  %true = "ttir.full"() <{fill_value = 1 : i32, shape = array<i32: 4, 8>}> : () -> tensor<4x8xi1>
  %false = "ttir.zeros"() <{shape = array<i32: 4, 8>}> : () -> tensor<4x8xi1>
  %two = "ttir.full"() <{fill_value = 2.0 : f32, shape = array<i32: 4, 8>}> : () -> tensor<4x8xf32>
  %a = "ttir.logical_and"(%true, %c) : (tensor<4x8xi1>, tensor<4x8xi1>) -> tensor<4x8xi1>
  %o = "ttir.logical_or"(%a, %false) : (tensor<4x8xi1>, tensor<4x8xi1>) -> tensor<4x8xi1>
  %e = "ttir.logical_xor"(%o, %false) : (tensor<4x8xi1>, tensor<4x8xi1>) -> tensor<4x8xi1>
  %f = "ttir.logical_and"(%c, %false) : (tensor<4x8xi1>, tensor<4x8xi1>) -> tensor<4x8xi1>
  %g = "ttir.logical_or"(%true, %c) : (tensor<4x8xi1>, tensor<4x8xi1>) -> tensor<4x8xi1>
  %k = "ttir.logical_and"(%x, %two) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %e, %f, %g, %k : tensor<4x8xi1>, tensor<4x8xi1>, tensor<4x8xi1>, tensor<4x8xf32>
}
// CHECK-LABEL: func.func @logical(%c: tensor<4x8xi1>, %x: tensor<4x8xf32>) -> (tensor<4x8xi1>, tensor<4x8xi1>, tensor<4x8xi1>, tensor<4x8xf32>) {
// CHECK-NEXT:    %two = "ttir.full"() <{fill_value = 2.000000e+00 : f32, shape = array<i32: 4, 8>}> : () -> tensor<4x8xf32>
// CHECK-NEXT:    %f = "ttir.zeros"() <{shape = array<i32: 4, 8>}> : () -> tensor<4x8xi1>
// CHECK-NEXT:    %g = "ttir.ones"() <{shape = array<i32: 4, 8>}> : () -> tensor<4x8xi1>
// CHECK-NEXT:    %k = "ttir.logical_and"(%x, %two) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    func.return %c, %f, %g, %k : tensor<4x8xi1>, tensor<4x8xi1>, tensor<4x8xi1>, tensor<4x8xf32>
// CHECK-NEXT:  }

// A comparison gives 0 or 1 in any element type.
func.func @comparisons_are_conditions(%x : tensor<4x8xf32>, %y : tensor<4x8xf32>) -> (tensor<4x8xf32>) {
  %one = "ttir.ones"() <{shape = array<i32: 1>}> : () -> tensor<1xf32>
  %c = "ttir.gt"(%x, %y) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %a = "ttir.logical_and"(%c, %one) : (tensor<4x8xf32>, tensor<1xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @comparisons_are_conditions(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>) -> tensor<4x8xf32> {
// CHECK-NEXT:    %c = "ttir.gt"(%x, %y) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    func.return %c : tensor<4x8xf32>
// CHECK-NEXT:  }

// Not -(-x), but x; not relu(relu(x)), but relu(x).
func.func @applied_twice(%x : tensor<4x8xf32>, %c : tensor<4x8xi1>) -> (tensor<4x8xf32>, tensor<4x8xi1>, tensor<4x8xf32>) {
  %n = "ttir.neg"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.neg"(%n) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %r = "ttir.relu"(%m) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.relu"(%r) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %a = "ttir.abs"(%s) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %d = "ttir.abs"(%a) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %p = "ttir.logical_not"(%c) : (tensor<4x8xi1>) -> tensor<4x8xi1>
  %q = "ttir.logical_not"(%p) : (tensor<4x8xi1>) -> tensor<4x8xi1>
  %k = "ttir.logical_not"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %l = "ttir.logical_not"(%k) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %e = "ttir.exp"(%d) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %f = "ttir.exp"(%e) : (tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %f, %q, %l : tensor<4x8xf32>, tensor<4x8xi1>, tensor<4x8xf32>
}
// CHECK-LABEL: func.func @applied_twice(%x: tensor<4x8xf32>, %c: tensor<4x8xi1>) -> (tensor<4x8xf32>, tensor<4x8xi1>, tensor<4x8xf32>) {
// CHECK-NEXT:    %r = "ttir.relu"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %a = "ttir.abs"(%r) : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %k = "ttir.logical_not"(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %l = "ttir.logical_not"(%k) : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %e = "ttir.exp"(%a) : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %f = "ttir.exp"(%e) : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    func.return %f, %c, %l : tensor<4x8xf32>, tensor<4x8xi1>, tensor<4x8xf32>
// CHECK-NEXT:  }

// Operands broadcast by themselves, as long as one still has the extent.
func.func @implicit_broadcast(%x : tensor<4x8xf32>, %w : tensor<1x8xf32>, %v : tensor<4x1xf32>, %c : tensor<1x1xi1>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  %b = "ttir.broadcast"(%w) <{broadcast_dimensions = array<i64: 4, 1>}> : (tensor<1x8xf32>) -> tensor<4x8xf32>
  %d = "ttir.broadcast"(%v) <{broadcast_dimensions = array<i64: 1, 8>}> : (tensor<4x1xf32>) -> tensor<4x8xf32>
  %p = "ttir.broadcast"(%c) <{broadcast_dimensions = array<i64: 4, 8>}> : (tensor<1x1xi1>) -> tensor<4x8xi1>
  %a = "ttir.add"(%x, %b) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.multiply"(%b, %d) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %k = "ttir.subtract"(%b, %b) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %s = "ttir.where"(%p, %x, %d) : (tensor<4x8xi1>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a, %m, %k, %s : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}
// CHECK-LABEL: func.func @implicit_broadcast(%x: tensor<4x8xf32>, %w: tensor<1x8xf32>, %v: tensor<4x1xf32>, %c: tensor<1x1xi1>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
// CHECK-NEXT:    %b = "ttir.broadcast"(%w) <{broadcast_dimensions = array<i64: 4, 1>}> : (tensor<1x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %a = "ttir.add"(%x, %w) : (tensor<4x8xf32>, tensor<1x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %m = "ttir.multiply"(%w, %v) : (tensor<1x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %k = "ttir.subtract"(%w, %b) : (tensor<1x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %s = "ttir.where"(%c, %x, %v) : (tensor<1x1xi1>, tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    func.return %a, %m, %k, %s : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
// CHECK-NEXT:  }

// A constant condition, or equal choices.
func.func @selection(%x : tensor<4x8xf32>, %y : tensor<4x8xf32>, %c : tensor<4x8xi1>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  %true = "ttir.ones"() <{shape = array<i32: 1>}> : () -> tensor<1xi1>
  %false = "ttir.zeros"() <{shape = array<i32: 1>}> : () -> tensor<1xi1>
  %a = "ttir.where"(%true, %x, %y) : (tensor<1xi1>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %b = "ttir.where"(%false, %x, %y) : (tensor<1xi1>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %d = "ttir.where"(%c, %x, %x) : (tensor<4x8xi1>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a, %b, %d : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}
// CHECK-LABEL: func.func @selection(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>, %c: tensor<4x8xi1>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
// CHECK-NEXT:    func.return %x, %y, %x : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
// CHECK-NEXT:  }
