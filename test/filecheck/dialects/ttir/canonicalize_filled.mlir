// RUN: tt-opt %s -p canonicalize | filecheck %s

// Functions of tensors of equal numbers, where the result is exact.

func.func @comparisons() -> (tensor<4x4xi1>, tensor<4x4xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xf32>) {
  %7 = "ttir.constant"() <{value = dense<7> : tensor<4x4xi64>}> : () -> tensor<4x4xi64>
  %9 = "ttir.constant"() <{value = dense<9> : tensor<1x4xi64>}> : () -> tensor<1x4xi64>
  %x = "ttir.constant"() <{value = dense<1.5> : tensor<3xf32>}> : () -> tensor<3xf32>
  %n = "ttir.full"() <{fill_value = 0x7FC00000 : f32, shape = array<i32: 3>}> : () -> tensor<3xf32>
  %a = "ttir.eq"(%7, %9) : (tensor<4x4xi64>, tensor<1x4xi64>) -> tensor<4x4xi1>
  %b = "ttir.lt"(%7, %9) : (tensor<4x4xi64>, tensor<1x4xi64>) -> tensor<4x4xi1>
  %c = "ttir.ge"(%x, %n) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
  %d = "ttir.ne"(%n, %n) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xi1>
  %e = "ttir.logical_xor"(%x, %n) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  func.return %a, %b, %c, %d, %e : tensor<4x4xi1>, tensor<4x4xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xf32>
}
// CHECK-LABEL: func.func @comparisons() -> (tensor<4x4xi1>, tensor<4x4xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xf32>) {
// CHECK-NEXT:    %a = "ttir.zeros"() <{shape = array<i32: 4, 4>}> : () -> tensor<4x4xi1>
// CHECK-NEXT:    %b = "ttir.ones"() <{shape = array<i32: 4, 4>}> : () -> tensor<4x4xi1>
// CHECK-NEXT:    %c = "ttir.zeros"() <{shape = array<i32: 3>}> : () -> tensor<3xi1>
// CHECK-NEXT:    %d = "ttir.ones"() <{shape = array<i32: 3>}> : () -> tensor<3xi1>
// CHECK-NEXT:    %e = "ttir.zeros"() <{shape = array<i32: 3>}> : () -> tensor<3xf32>
// CHECK-NEXT:    func.return %a, %b, %c, %d, %e : tensor<4x4xi1>, tensor<4x4xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xf32>
// CHECK-NEXT:  }

func.func @functions() -> (tensor<4xf32>, tensor<4xbf16>, tensor<4xi64>, tensor<4xi32>, tensor<4xi1>, tensor<4xf32>) {
  %x = "ttir.full"() <{fill_value = -1.5 : f32, shape = array<i32: 4>}> : () -> tensor<4xf32>
  %h = "ttir.full"() <{fill_value = 1.2 : f32, shape = array<i32: 4>}> : () -> tensor<4xbf16>
  %i = "ttir.full"() <{fill_value = -2.0 : f32, shape = array<i32: 4>}> : () -> tensor<4xi64>
  %j = "ttir.full"() <{fill_value = -32 : i32, shape = array<i32: 4>}> : () -> tensor<4xi32>
  %a = "ttir.abs"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %b = "ttir.ceil"(%h) : (tensor<4xbf16>) -> tensor<4xbf16>
  %c = "ttir.neg"(%i) : (tensor<4xi64>) -> tensor<4xi64>
  %d = "ttir.bitwise_not"(%j) : (tensor<4xi32>) -> tensor<4xi32>
  %e = "ttir.logical_not"(%x) : (tensor<4xf32>) -> tensor<4xi1>
  %f = "ttir.relu"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %a, %b, %c, %d, %e, %f : tensor<4xf32>, tensor<4xbf16>, tensor<4xi64>, tensor<4xi32>, tensor<4xi1>, tensor<4xf32>
}
// CHECK-LABEL: func.func @functions() -> (tensor<4xf32>, tensor<4xbf16>, tensor<4xi64>, tensor<4xi32>, tensor<4xi1>, tensor<4xf32>) {
// CHECK-NEXT:    %a = "ttir.full"() <{fill_value = 1.500000e+00 : f32, shape = array<i32: 4>}> : () -> tensor<4xf32>
// CHECK-NEXT:    %b = "ttir.full"() <{fill_value = 2.000000e+00 : f32, shape = array<i32: 4>}> : () -> tensor<4xbf16>
// CHECK-NEXT:    %c = "ttir.full"() <{fill_value = 2 : i32, shape = array<i32: 4>}> : () -> tensor<4xi64>
// CHECK-NEXT:    %d = "ttir.full"() <{fill_value = 31 : i32, shape = array<i32: 4>}> : () -> tensor<4xi32>
// CHECK-NEXT:    %e = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi1>
// CHECK-NEXT:    %f = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xf32>
// CHECK-NEXT:    func.return %a, %b, %c, %d, %e, %f : tensor<4xf32>, tensor<4xbf16>, tensor<4xi64>, tensor<4xi32>, tensor<4xi1>, tensor<4xf32>
// CHECK-NEXT:  }

func.func @arithmetic() -> (tensor<3x3xi32>, tensor<3xf32>, tensor<3xui8>, tensor<3xi32>) {
  %a = "ttir.full"() <{fill_value = 200 : i32, shape = array<i32: 3, 1>}> : () -> tensor<3x1xi32>
  %b = "ttir.ones"() <{shape = array<i32: 1, 3>}> : () -> tensor<1x3xi32>
  %c = "ttir.add"(%a, %b) : (tensor<3x1xi32>, tensor<1x3xi32>) -> tensor<3x3xi32>
  %x = "ttir.full"() <{fill_value = 0.5 : f32, shape = array<i32: 3>}> : () -> tensor<3xf32>
  %y = "ttir.full"() <{fill_value = -3.0 : f32, shape = array<i32: 3>}> : () -> tensor<3xf32>
  %z = "ttir.multiply"(%x, %y) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %p = "ttir.full"() <{fill_value = 170 : i32, shape = array<i32: 3>}> : () -> tensor<3xui8>
  %q = "ttir.full"() <{fill_value = 85 : i32, shape = array<i32: 3>}> : () -> tensor<3xui8>
  %r = "ttir.bitwise_or"(%p, %q) : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xui8>
  %s = "ttir.full"() <{fill_value = -5 : i32, shape = array<i32: 3>}> : () -> tensor<3xi32>
  %t = "ttir.full"() <{fill_value = 7 : i32, shape = array<i32: 3>}> : () -> tensor<3xi32>
  %u = "ttir.minimum"(%s, %t) : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
  func.return %c, %z, %r, %u : tensor<3x3xi32>, tensor<3xf32>, tensor<3xui8>, tensor<3xi32>
}
// CHECK-LABEL: func.func @arithmetic() -> (tensor<3x3xi32>, tensor<3xf32>, tensor<3xui8>, tensor<3xi32>) {
// CHECK-NEXT:    %c = "ttir.full"() <{fill_value = 201 : i32, shape = array<i32: 3, 3>}> : () -> tensor<3x3xi32>
// CHECK-NEXT:    %z = "ttir.full"() <{fill_value = -1.500000e+00 : f32, shape = array<i32: 3>}> : () -> tensor<3xf32>
// CHECK-NEXT:    %r = "ttir.full"() <{fill_value = 255 : i32, shape = array<i32: 3>}> : () -> tensor<3xui8>
// CHECK-NEXT:    %u = "ttir.full"() <{fill_value = -5 : i32, shape = array<i32: 3>}> : () -> tensor<3xi32>
// CHECK-NEXT:    func.return %c, %z, %r, %u : tensor<3x3xi32>, tensor<3xf32>, tensor<3xui8>, tensor<3xi32>
// CHECK-NEXT:  }

// Rounding, wrapping, other types, -0.0, and division are left to ttir-fold-constants.
func.func @not_exact() -> (tensor<3xf32>, tensor<3xui8>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xi8>) {
  %x = "ttir.full"() <{fill_value = 1.0e-10 : f32, shape = array<i32: 3>}> : () -> tensor<3xf32>
  %y = "ttir.ones"() <{shape = array<i32: 3>}> : () -> tensor<3xf32>
  %a = "ttir.add"(%x, %y) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %p = "ttir.full"() <{fill_value = 170 : i32, shape = array<i32: 3>}> : () -> tensor<3xui8>
  %b = "ttir.add"(%p, %p) : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xui8>
  %c = "ttir.abs"(%p) : (tensor<3xui8>) -> tensor<3xf32>
  %z = "ttir.full"() <{fill_value = -0.0 : f32, shape = array<i32: 3>}> : () -> tensor<3xf32>
  %d = "ttir.sign"(%z) : (tensor<3xf32>) -> tensor<3xf32>
  %e = "ttir.div"(%y, %x) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  %l = "ttir.full"() <{fill_value = -128 : i32, shape = array<i32: 3>}> : () -> tensor<3xi8>
  %f = "ttir.neg"(%l) : (tensor<3xi8>) -> tensor<3xi8>
  func.return %a, %b, %c, %d, %e, %f : tensor<3xf32>, tensor<3xui8>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xi8>
}
// CHECK-LABEL: func.func @not_exact() -> (tensor<3xf32>, tensor<3xui8>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xi8>) {
// CHECK-NEXT:    %x = "ttir.full"() <{fill_value = 1.000000e-10 : f32, shape = array<i32: 3>}> : () -> tensor<3xf32>
// CHECK-NEXT:    %y = "ttir.ones"() <{shape = array<i32: 3>}> : () -> tensor<3xf32>
// CHECK-NEXT:    %a = "ttir.add"(%x, %y) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
// CHECK-NEXT:    %p = "ttir.full"() <{fill_value = 170 : i32, shape = array<i32: 3>}> : () -> tensor<3xui8>
// CHECK-NEXT:    %b = "ttir.add"(%p, %p) : (tensor<3xui8>, tensor<3xui8>) -> tensor<3xui8>
// CHECK-NEXT:    %c = "ttir.abs"(%p) : (tensor<3xui8>) -> tensor<3xf32>
// CHECK-NEXT:    %z = "ttir.full"() <{fill_value = -0.000000e+00 : f32, shape = array<i32: 3>}> : () -> tensor<3xf32>
// CHECK-NEXT:    %d = "ttir.sign"(%z) : (tensor<3xf32>) -> tensor<3xf32>
// CHECK-NEXT:    %e = "ttir.div"(%y, %x) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
// CHECK-NEXT:    %l = "ttir.full"() <{fill_value = -128 : i32, shape = array<i32: 3>}> : () -> tensor<3xi8>
// CHECK-NEXT:    %f = "ttir.neg"(%l) : (tensor<3xi8>) -> tensor<3xi8>
// CHECK-NEXT:    func.return %a, %b, %c, %d, %e, %f : tensor<3xf32>, tensor<3xui8>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xi8>
// CHECK-NEXT:  }
