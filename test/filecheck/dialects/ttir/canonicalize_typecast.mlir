// RUN: tt-opt %s -p canonicalize | filecheck %s

// Casts of tensors of equal numbers, and two casts in a row.

// A number that both types hold.
func.func @filled() -> (tensor<4xi16>, tensor<4xui8>, tensor<4xi8>, tensor<4xbf16>, tensor<4xi1>) {
  %a = "ttir.full"() <{fill_value = 255 : i32, shape = array<i32: 4>}> : () -> tensor<4xui8>
  %b = "ttir.typecast"(%a) : (tensor<4xui8>) -> tensor<4xi16>
  %c = "ttir.full"() <{fill_value = 255 : i32, shape = array<i32: 4>}> : () -> tensor<4xi16>
  %d = "ttir.typecast"(%c) : (tensor<4xi16>) -> tensor<4xui8>
  %e = "ttir.full"() <{fill_value = 127 : i32, shape = array<i32: 4>}> : () -> tensor<4xi32>
  %f = "ttir.typecast"(%e) : (tensor<4xi32>) -> tensor<4xi8>
  %g = "ttir.full"() <{fill_value = -2.5 : f32, shape = array<i32: 4>}> : () -> tensor<4xf32>
  %h = "ttir.typecast"(%g) : (tensor<4xf32>) -> tensor<4xbf16>
  %i = "ttir.full"() <{fill_value = 257 : i32, shape = array<i32: 4>}> : () -> tensor<4xui8>
  %j = "ttir.typecast"(%i) : (tensor<4xui8>) -> tensor<4xi1>
  func.return %b, %d, %f, %h, %j : tensor<4xi16>, tensor<4xui8>, tensor<4xi8>, tensor<4xbf16>, tensor<4xi1>
}
// CHECK-LABEL: func.func @filled() -> (tensor<4xi16>, tensor<4xui8>, tensor<4xi8>, tensor<4xbf16>, tensor<4xi1>) {
// CHECK-NEXT:    %b = "ttir.full"() <{fill_value = 255 : i32, shape = array<i32: 4>}> : () -> tensor<4xi16>
// CHECK-NEXT:    %d = "ttir.full"() <{fill_value = 255 : i32, shape = array<i32: 4>}> : () -> tensor<4xui8>
// CHECK-NEXT:    %f = "ttir.full"() <{fill_value = 127 : i32, shape = array<i32: 4>}> : () -> tensor<4xi8>
// CHECK-NEXT:    %h = "ttir.full"() <{fill_value = -2.500000e+00 : f32, shape = array<i32: 4>}> : () -> tensor<4xbf16>
// CHECK-NEXT:    %j = "ttir.ones"() <{shape = array<i32: 4>}> : () -> tensor<4xi1>
// CHECK-NEXT:    func.return %b, %d, %f, %h, %j : tensor<4xi16>, tensor<4xui8>, tensor<4xi8>, tensor<4xbf16>, tensor<4xi1>
// CHECK-NEXT:  }

// What wraps, saturates or is cut off or rounded stays.
func.func @changed() -> (tensor<3xi8>, tensor<3xi8>, tensor<3xi32>, tensor<3xbf16>) {
  %a = "ttir.full"() <{fill_value = 128.0 : f32, shape = array<i32: 3>}> : () -> tensor<3xf32>
  %b = "ttir.typecast"(%a) : (tensor<3xf32>) -> tensor<3xi8>
  %c = "ttir.full"() <{fill_value = 128 : i32, shape = array<i32: 3>}> : () -> tensor<3xui8>
  %d = "ttir.typecast"(%c) : (tensor<3xui8>) -> tensor<3xi8>
  %e = "ttir.full"() <{fill_value = 1.7 : f32, shape = array<i32: 3>}> : () -> tensor<3xf32>
  %f = "ttir.typecast"(%e) : (tensor<3xf32>) -> tensor<3xi32>
  %g = "ttir.typecast"(%e) : (tensor<3xf32>) -> tensor<3xbf16>
  func.return %b, %d, %f, %g : tensor<3xi8>, tensor<3xi8>, tensor<3xi32>, tensor<3xbf16>
}
// CHECK-LABEL: func.func @changed() -> (tensor<3xi8>, tensor<3xi8>, tensor<3xi32>, tensor<3xbf16>) {
// CHECK-NEXT:    %a = "ttir.full"() <{fill_value = 1.280000e+02 : f32, shape = array<i32: 3>}> : () -> tensor<3xf32>
// CHECK-NEXT:    %b = "ttir.typecast"(%a) <{conservative_folding = false}> : (tensor<3xf32>) -> tensor<3xi8>
// CHECK-NEXT:    %c = "ttir.full"() <{fill_value = 128 : i32, shape = array<i32: 3>}> : () -> tensor<3xui8>
// CHECK-NEXT:    %d = "ttir.typecast"(%c) <{conservative_folding = false}> : (tensor<3xui8>) -> tensor<3xi8>
// CHECK-NEXT:    %e = "ttir.full"() <{fill_value = 1.700000e+00 : f32, shape = array<i32: 3>}> : () -> tensor<3xf32>
// CHECK-NEXT:    %f = "ttir.typecast"(%e) <{conservative_folding = false}> : (tensor<3xf32>) -> tensor<3xi32>
// CHECK-NEXT:    %g = "ttir.typecast"(%e) <{conservative_folding = false}> : (tensor<3xf32>) -> tensor<3xbf16>
// CHECK-NEXT:    func.return %b, %d, %f, %g : tensor<3xi8>, tensor<3xi8>, tensor<3xi32>, tensor<3xbf16>
// CHECK-NEXT:  }

// 200 becomes -56 as an integer, but 127 by way of a float.
func.func @two_casts(%u : tensor<3xui8>, %i : tensor<3xi8>) -> (tensor<3xi8>, tensor<3xi8>, tensor<3xi16>, tensor<3xi1>) {
  %a = "ttir.typecast"(%u) : (tensor<3xui8>) -> tensor<3xf32>
  %b = "ttir.typecast"(%a) : (tensor<3xf32>) -> tensor<3xi8>
  %c = "ttir.typecast"(%u) : (tensor<3xui8>) -> tensor<3xi32>
  %d = "ttir.typecast"(%c) : (tensor<3xi32>) -> tensor<3xi8>
  %e = "ttir.typecast"(%i) : (tensor<3xi8>) -> tensor<3xbf16>
  %f = "ttir.typecast"(%e) : (tensor<3xbf16>) -> tensor<3xi16>
  %g = "ttir.typecast"(%a) : (tensor<3xf32>) -> tensor<3xi1>
  func.return %b, %d, %f, %g : tensor<3xi8>, tensor<3xi8>, tensor<3xi16>, tensor<3xi1>
}
// CHECK-LABEL: func.func @two_casts(%u: tensor<3xui8>, %i: tensor<3xi8>) -> (tensor<3xi8>, tensor<3xi8>, tensor<3xi16>, tensor<3xi1>) {
// CHECK-NEXT:    %a = "ttir.typecast"(%u) <{conservative_folding = false}> : (tensor<3xui8>) -> tensor<3xf32>
// CHECK-NEXT:    %b = "ttir.typecast"(%a) <{conservative_folding = false}> : (tensor<3xf32>) -> tensor<3xi8>
// CHECK-NEXT:    %d = "ttir.typecast"(%u) <{conservative_folding = false}> : (tensor<3xui8>) -> tensor<3xi8>
// CHECK-NEXT:    %f = "ttir.typecast"(%i) <{conservative_folding = false}> : (tensor<3xi8>) -> tensor<3xi16>
// CHECK-NEXT:    %g = "ttir.typecast"(%u) <{conservative_folding = false}> : (tensor<3xui8>) -> tensor<3xi1>
// CHECK-NEXT:    func.return %b, %d, %f, %g : tensor<3xi8>, tensor<3xi8>, tensor<3xi16>, tensor<3xi1>
// CHECK-NEXT:  }
