// RUN: tt-opt %s -p canonicalize | filecheck %s

// One operand is the same number everywhere, and the result is the other operand, or does not depend on it.

func.func @integers(%x : tensor<4xi32>, %u : tensor<4xui8>) -> (tensor<4xi32>, tensor<4xui8>, tensor<4xi32>) {
  %zero = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi32>
  %ones = "ttir.full"() <{fill_value = -1 : i32, shape = array<i32: 4>}> : () -> tensor<4xi32>
  %least = "ttir.full"() <{fill_value = -2147483648 : i32, shape = array<i32: 1>}> : () -> tensor<1xi32>
  %largest = "ttir.full"() <{fill_value = 255 : i32, shape = array<i32: 4>}> : () -> tensor<4xui8>
  %a = "ttir.bitwise_and"(%ones, %x) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %b = "ttir.bitwise_or"(%a, %zero) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %c = "ttir.bitwise_xor"(%zero, %b) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %d = "ttir.maximum"(%c, %least) : (tensor<4xi32>, tensor<1xi32>) -> tensor<4xi32>
  %e = "ttir.minimum"(%largest, %u) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %f = "ttir.bitwise_xor"(%x, %ones) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  func.return %d, %e, %f : tensor<4xi32>, tensor<4xui8>, tensor<4xi32>
}
// CHECK-LABEL: func.func @integers(%x: tensor<4xi32>, %u: tensor<4xui8>) -> (tensor<4xi32>, tensor<4xui8>, tensor<4xi32>) {
// CHECK-NEXT:    %ones = "ttir.full"() <{fill_value = -1 : i32, shape = array<i32: 4>}> : () -> tensor<4xi32>
// CHECK-NEXT:    %f = "ttir.bitwise_xor"(%x, %ones) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
// CHECK-NEXT:    func.return %x, %u, %f : tensor<4xi32>, tensor<4xui8>, tensor<4xi32>
// CHECK-NEXT:  }

// A shift by nothing; all bits are gone after a shift by as many, or by a negative number, which counts as unsigned.
func.func @shifts(%x : tensor<4xi8>, %u : tensor<4xui8>) -> (tensor<4xi8>, tensor<4xi8>, tensor<4xui8>, tensor<4xi8>) {
  %zero = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi8>
  %eight = "ttir.full"() <{fill_value = 8 : i32, shape = array<i32: 4>}> : () -> tensor<4xi8>
  %minus = "ttir.full"() <{fill_value = -1 : i32, shape = array<i32: 4>}> : () -> tensor<4xi8>
  %a = "ttir.logical_left_shift"(%x, %zero) : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
  %b = "ttir.logical_right_shift"(%a, %zero) : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
  %c = "ttir.right_shift"(%b, %zero) : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
  %d = "ttir.logical_left_shift"(%x, %eight) : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
  %e = "ttir.logical_right_shift"(%u, %minus) : (tensor<4xui8>, tensor<4xi8>) -> tensor<4xui8>
  %f = "ttir.right_shift"(%x, %eight) : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
  func.return %c, %d, %e, %f : tensor<4xi8>, tensor<4xi8>, tensor<4xui8>, tensor<4xi8>
}
// CHECK-LABEL: func.func @shifts(%x: tensor<4xi8>, %u: tensor<4xui8>) -> (tensor<4xi8>, tensor<4xi8>, tensor<4xui8>, tensor<4xi8>) {
// CHECK-NEXT:    %eight = "ttir.full"() <{fill_value = 8 : i32, shape = array<i32: 4>}> : () -> tensor<4xi8>
// CHECK-NEXT:    %d = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi8>
// CHECK-NEXT:    %e = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xui8>
// CHECK-NEXT:    %f = "ttir.right_shift"(%x, %eight) : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
// CHECK-NEXT:    func.return %x, %d, %e, %f : tensor<4xi8>, tensor<4xi8>, tensor<4xui8>, tensor<4xi8>
// CHECK-NEXT:  }

// Whatever x is. A power of 0 is 1, also that of NaN.
func.func @absorbing(%x : tensor<2x4xi32>, %y : tensor<4xf32>) -> (tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<4xf32>) {
  %zero = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi32>
  %one = "ttir.ones"() <{shape = array<i32: 4>}> : () -> tensor<4xi32>
  %ones = "ttir.full"() <{fill_value = -1 : i32, shape = array<i32: 4>}> : () -> tensor<4xi32>
  %largest = "ttir.full"() <{fill_value = 2147483647 : i32, shape = array<i32: 4>}> : () -> tensor<4xi32>
  %nothing = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xf32>
  %a = "ttir.multiply"(%zero, %x) : (tensor<4xi32>, tensor<2x4xi32>) -> tensor<2x4xi32>
  %b = "ttir.bitwise_and"(%x, %zero) : (tensor<2x4xi32>, tensor<4xi32>) -> tensor<2x4xi32>
  %c = "ttir.bitwise_or"(%x, %ones) : (tensor<2x4xi32>, tensor<4xi32>) -> tensor<2x4xi32>
  %d = "ttir.maximum"(%x, %largest) : (tensor<2x4xi32>, tensor<4xi32>) -> tensor<2x4xi32>
  %e = "ttir.remainder"(%x, %one) : (tensor<2x4xi32>, tensor<4xi32>) -> tensor<2x4xi32>
  %f = "ttir.pow"(%y, %nothing) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %a, %b, %c, %d, %e, %f : tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<4xf32>
}
// CHECK-LABEL: func.func @absorbing(%x: tensor<2x4xi32>, %y: tensor<4xf32>) -> (tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<4xf32>) {
// CHECK-NEXT:    %a = "ttir.zeros"() <{shape = array<i32: 2, 4>}> : () -> tensor<2x4xi32>
// CHECK-NEXT:    %b = "ttir.zeros"() <{shape = array<i32: 2, 4>}> : () -> tensor<2x4xi32>
// CHECK-NEXT:    %c = "ttir.full"() <{fill_value = -1 : i32, shape = array<i32: 2, 4>}> : () -> tensor<2x4xi32>
// CHECK-NEXT:    %d = "ttir.full"() <{fill_value = 2147483647 : i32, shape = array<i32: 2, 4>}> : () -> tensor<2x4xi32>
// CHECK-NEXT:    %e = "ttir.zeros"() <{shape = array<i32: 2, 4>}> : () -> tensor<2x4xi32>
// CHECK-NEXT:    %f = "ttir.ones"() <{shape = array<i32: 4>}> : () -> tensor<4xf32>
// CHECK-NEXT:    func.return %a, %b, %c, %d, %e, %f : tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<2x4xi32>, tensor<4xf32>
// CHECK-NEXT:  }

// NaN * 0 is NaN, the larger one of NaN and infinity, too. Beside a float, an integer is rounded. 0 / 0 is an error.
func.func @floats(%y : tensor<4xf32>, %x : tensor<4xi32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xi32>, tensor<4xi32>, tensor<4xf32>) {
  %nothing = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xf32>
  %zero = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi32>
  %infinite = "ttir.full"() <{fill_value = 0x7F800000 : f32, shape = array<i32: 4>}> : () -> tensor<4xf32>
  %a = "ttir.multiply"(%y, %nothing) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %b = "ttir.maximum"(%y, %infinite) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %c = "ttir.add"(%x, %nothing) : (tensor<4xi32>, tensor<4xf32>) -> tensor<4xi32>
  %d = "ttir.div"(%zero, %x) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %e = "ttir.minimum"(%y, %infinite) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %a, %b, %c, %d, %e : tensor<4xf32>, tensor<4xf32>, tensor<4xi32>, tensor<4xi32>, tensor<4xf32>
}
// CHECK-LABEL: func.func @floats(%y: tensor<4xf32>, %x: tensor<4xi32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xi32>, tensor<4xi32>, tensor<4xf32>) {
// CHECK-NEXT:    %nothing = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xf32>
// CHECK-NEXT:    %zero = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi32>
// CHECK-NEXT:    %infinite = "ttir.full"() <{fill_value = 0x7F800000 : f32, shape = array<i32: 4>}> : () -> tensor<4xf32>
// CHECK-NEXT:    %a = "ttir.multiply"(%y, %nothing) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %b = "ttir.maximum"(%y, %infinite) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %c = "ttir.add"(%x, %nothing) : (tensor<4xi32>, tensor<4xf32>) -> tensor<4xi32>
// CHECK-NEXT:    %d = "ttir.div"(%zero, %x) : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
// CHECK-NEXT:    func.return %a, %b, %c, %d, %y : tensor<4xf32>, tensor<4xf32>, tensor<4xi32>, tensor<4xi32>, tensor<4xf32>
// CHECK-NEXT:  }

// What counts is the number that the elements hold: 256 is 0 in ui8, and 0.5 is 0 in i32.
func.func @as_elements(%x : tensor<4xi1>, %y : tensor<4xui8>, %z : tensor<?xui8>) -> (tensor<4xi1>, tensor<4xui8>, tensor<?xui8>) {
  %a = "ttir.full"() <{fill_value = 256 : i32, shape = array<i32: 4>}> : () -> tensor<4xui8>
  %b = "ttir.full"() <{fill_value = 0.5 : f32, shape = array<i32: 4>}> : () -> tensor<4xi32>
  %c = "ttir.logical_and"(%x, %a) : (tensor<4xi1>, tensor<4xui8>) -> tensor<4xi1>
  %d = "ttir.logical_or"(%c, %b) : (tensor<4xi1>, tensor<4xi32>) -> tensor<4xi1>
  %e = "ttir.subtract"(%y, %a) : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %f = "ttir.add"(%z, %a) : (tensor<?xui8>, tensor<4xui8>) -> tensor<?xui8>
  func.return %d, %e, %f : tensor<4xi1>, tensor<4xui8>, tensor<?xui8>
}
// CHECK-LABEL: func.func @as_elements(%x: tensor<4xi1>, %y: tensor<4xui8>, %z: tensor<?xui8>) -> (tensor<4xi1>, tensor<4xui8>, tensor<?xui8>) {
// CHECK-NEXT:    %a = "ttir.full"() <{fill_value = 256 : i32, shape = array<i32: 4>}> : () -> tensor<4xui8>
// CHECK-NEXT:    %c = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi1>
// CHECK-NEXT:    %f = "ttir.add"(%z, %a) : (tensor<?xui8>, tensor<4xui8>) -> tensor<?xui8>
// CHECK-NEXT:    func.return %c, %y, %f : tensor<4xi1>, tensor<4xui8>, tensor<?xui8>
// CHECK-NEXT:  }
