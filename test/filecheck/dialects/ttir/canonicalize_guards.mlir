// RUN: tt-opt %s -p canonicalize | filecheck %s

// What a new op could not express stays: encodings, and changes of the element type that tt-mlir does not forbid.

func.func @encoding(%c : tensor<2xi1>) -> (tensor<2xbf16, "e">, tensor<2x1xf32, "e">, tensor<2xi1, "e">) {
  %z = "ttir.zeros"() <{shape = array<i32: 2>}> : () -> tensor<2xf32>
  %f = "ttir.zeros"() <{shape = array<i32: 2>}> : () -> tensor<2xi1>
  %a = "ttir.typecast"(%z) : (tensor<2xf32>) -> tensor<2xbf16, "e">
  %b = "ttir.reshape"(%z) <{shape = [2 : i32, 1 : i32]}> : (tensor<2xf32>) -> tensor<2x1xf32, "e">
  %d = "ttir.logical_and"(%c, %f) : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1, "e">
  func.return %a, %b, %d : tensor<2xbf16, "e">, tensor<2x1xf32, "e">, tensor<2xi1, "e">
}
// CHECK-LABEL: func.func @encoding
// CHECK:         "ttir.typecast"(%z)
// CHECK-NEXT:    "ttir.reshape"(%z)
// CHECK-NEXT:    "ttir.logical_and"(%c, %f)

func.func @element_type(%x : tensor<2x3xf32>, %y : tensor<1x3xf32>) -> (tensor<6xbf16>, tensor<2x3xbf16>, tensor<2x3xbf16>) {
  %a = "ttir.reshape"(%x) <{shape = [3 : i32, 2 : i32]}> : (tensor<2x3xf32>) -> tensor<3x2xbf16>
  %b = "ttir.reshape"(%a) <{shape = [6 : i32]}> : (tensor<3x2xbf16>) -> tensor<6xbf16>
  %c = "ttir.permute"(%x) <{permutation = array<i64: 1, 0>}> : (tensor<2x3xf32>) -> tensor<3x2xbf16>
  %d = "ttir.permute"(%c) <{permutation = array<i64: 1, 0>}> : (tensor<3x2xbf16>) -> tensor<2x3xbf16>
  %e = "ttir.broadcast"(%y) <{broadcast_dimensions = array<i64: 2, 1>}> : (tensor<1x3xf32>) -> tensor<2x3xbf16>
  %f = "ttir.add"(%d, %e) : (tensor<2x3xbf16>, tensor<2x3xbf16>) -> tensor<2x3xbf16>
  func.return %b, %d, %f : tensor<6xbf16>, tensor<2x3xbf16>, tensor<2x3xbf16>
}
// CHECK-LABEL: func.func @element_type
// CHECK-NEXT:    %a = "ttir.reshape"(%x)
// CHECK-NEXT:    %b = "ttir.reshape"(%a)
// CHECK-NEXT:    %c = "ttir.permute"(%x)
// CHECK-NEXT:    %d = "ttir.permute"(%c)
// CHECK-NEXT:    %e = "ttir.broadcast"(%y)
// CHECK-NEXT:    %f = "ttir.add"(%d, %e)
