// RUN: tt-opt %s -p canonicalize | filecheck %s

// Both operands are the same value.

func.func @integers(%x : tensor<4xi64>) -> (tensor<4xi64>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi64>) {
  %a = "ttir.subtract"(%x, %x) : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  %b = "ttir.eq"(%x, %x) : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi1>
  %c = "ttir.ne"(%x, %x) : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi1>
  %d = "ttir.ge"(%x, %x) : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi1>
  %e = "ttir.le"(%x, %x) : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi1>
  %f = "ttir.gt"(%x, %x) : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi1>
  %g = "ttir.lt"(%x, %x) : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi1>
  %h = "ttir.bitwise_and"(%x, %x) : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  %i = "ttir.bitwise_or"(%h, %h) : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  func.return %a, %b, %c, %d, %e, %f, %g, %i : tensor<4xi64>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi64>
}
// CHECK-LABEL: func.func @integers(%x: tensor<4xi64>) -> (tensor<4xi64>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi64>) {
// CHECK-NEXT:    %a = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi64>
// CHECK-NEXT:    %b = "ttir.ones"() <{shape = array<i32: 4>}> : () -> tensor<4xi1>
// CHECK-NEXT:    %c = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi1>
// CHECK-NEXT:    %d = "ttir.ones"() <{shape = array<i32: 4>}> : () -> tensor<4xi1>
// CHECK-NEXT:    %e = "ttir.ones"() <{shape = array<i32: 4>}> : () -> tensor<4xi1>
// CHECK-NEXT:    %f = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi1>
// CHECK-NEXT:    %g = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi1>
// CHECK-NEXT:    func.return %a, %b, %c, %d, %e, %f, %g, %x : tensor<4xi64>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi64>
// CHECK-NEXT:  }

func.func @bits(%x : tensor<64x128xui16>) -> (tensor<64x128xui16>) {
  %a = "ttir.bitwise_xor"(%x, %x) : (tensor<64x128xui16>, tensor<64x128xui16>) -> tensor<64x128xui16>
  func.return %a : tensor<64x128xui16>
}
// CHECK-LABEL: func.func @bits(%x: tensor<64x128xui16>) -> tensor<64x128xui16> {
// CHECK-NEXT:    %a = "ttir.zeros"() <{shape = array<i32: 64, 128>}> : () -> tensor<64x128xui16>
// CHECK-NEXT:    func.return %a : tensor<64x128xui16>
// CHECK-NEXT:  }

// NaN is neither above nor below itself, nor equal to itself, and NaN - NaN is no 0.
func.func @floats(%x : tensor<4xf32>) -> (tensor<4xf32>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xf32>) {
  %a = "ttir.subtract"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %b = "ttir.eq"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %c = "ttir.ge"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %d = "ttir.gt"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %e = "ttir.lt"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %f = "ttir.maximum"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %g = "ttir.minimum"(%f, %f) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %a, %b, %c, %d, %e, %g : tensor<4xf32>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xf32>
}
// CHECK-LABEL: func.func @floats(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xf32>) {
// CHECK-NEXT:    %a = "ttir.subtract"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %b = "ttir.eq"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
// CHECK-NEXT:    %c = "ttir.ge"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
// CHECK-NEXT:    %d = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi1>
// CHECK-NEXT:    %e = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xi1>
// CHECK-NEXT:    func.return %a, %b, %c, %d, %e, %x : tensor<4xf32>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xf32>
// CHECK-NEXT:  }

// 2 and 2 is 1.
func.func @logical(%x : tensor<4xf32>, %c : tensor<4xi1>) -> (tensor<4xf32>, tensor<4xi1>, tensor<4xf32>, tensor<4xf32>) {
  %a = "ttir.logical_and"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %b = "ttir.logical_or"(%c, %c) : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  %d = "ttir.logical_xor"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %e = "ttir.signbit"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %f = "ttir.logical_and"(%e, %e) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  func.return %a, %b, %d, %f : tensor<4xf32>, tensor<4xi1>, tensor<4xf32>, tensor<4xf32>
}
// CHECK-LABEL: func.func @logical(%x: tensor<4xf32>, %c: tensor<4xi1>) -> (tensor<4xf32>, tensor<4xi1>, tensor<4xf32>, tensor<4xf32>) {
// CHECK-NEXT:    %a = "ttir.logical_and"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    %d = "ttir.zeros"() <{shape = array<i32: 4>}> : () -> tensor<4xf32>
// CHECK-NEXT:    %e = "ttir.signbit"(%x) : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    func.return %a, %c, %d, %e : tensor<4xf32>, tensor<4xi1>, tensor<4xf32>, tensor<4xf32>
// CHECK-NEXT:  }
