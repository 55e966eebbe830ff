// RUN: tt-opt %s -p canonicalize | filecheck %s

// Tensors made of attributes, casts, products.

// Equal numbers, if f32 or i32 hold them.
func.func @constants() -> (tensor<4x8xbf16>, tensor<3xi64>, tensor<2xi1>, tensor<2xi32>, tensor<2xi64>, tensor<2xf64>) {
  %f = "ttir.constant"() <{value = dense<2.5> : tensor<4x8xbf16>}> : () -> tensor<4x8xbf16>
  %i = "ttir.constant"() <{value = dense<[3, 3, 3]> : tensor<3xi64>}> : () -> tensor<3xi64>
  %t = "ttir.constant"() <{value = dense<true> : tensor<2xi1>}> : () -> tensor<2xi1>
  %d = "ttir.constant"() <{value = dense<[1, 2]> : tensor<2xi32>}> : () -> tensor<2xi32>
  %w = "ttir.constant"() <{value = dense<4294967296> : tensor<2xi64>}> : () -> tensor<2xi64>
  %e = "ttir.constant"() <{value = dense<0.1> : tensor<2xf64>}> : () -> tensor<2xf64>
  func.return %f, %i, %t, %d, %w, %e : tensor<4x8xbf16>, tensor<3xi64>, tensor<2xi1>, tensor<2xi32>, tensor<2xi64>, tensor<2xf64>
}
// CHECK-LABEL: func.func @constants() -> (tensor<4x8xbf16>, tensor<3xi64>, tensor<2xi1>, tensor<2xi32>, tensor<2xi64>, tensor<2xf64>) {
// CHECK-NEXT:    %f = "ttir.full"() <{fill_value = 2.500000e+00 : f32, shape = array<i32: 4, 8>}> : () -> tensor<4x8xbf16>
// CHECK-NEXT:    %i = "ttir.full"() <{fill_value = 3 : i32, shape = array<i32: 3>}> : () -> tensor<3xi64>
// CHECK-NEXT:    %t = "ttir.full"() <{fill_value = 1 : i32, shape = array<i32: 2>}> : () -> tensor<2xi1>
// CHECK-NEXT:    %d = "ttir.constant"() <{value = dense<[1, 2]> : tensor<2xi32>}> : () -> tensor<2xi32>
// CHECK-NEXT:    %w = "ttir.constant"() <{value = dense<4294967296> : tensor<2xi64>}> : () -> tensor<2xi64>
// CHECK-NEXT:    %e = "ttir.constant"() <{value = dense<1.000000e-01> : tensor<2xf64>}> : () -> tensor<2xf64>
// CHECK-NEXT:    func.return %f, %i, %t, %d, %w, %e : tensor<4x8xbf16>, tensor<3xi64>, tensor<2xi1>, tensor<2xi32>, tensor<2xi64>, tensor<2xf64>
// CHECK-NEXT:  }

// Equal numbers are made where they are moved to.
func.func @moved_filled(%x : tensor<4x8xf32>) -> (tensor<8x4xf32>, tensor<4x8xf32>, tensor<2x1xf32>) {
  %f = "ttir.full"() <{fill_value = 2.5 : f32, shape = array<i32: 8>}> : () -> tensor<8xf32>
  %r = "ttir.reshape"(%f) <{shape = [1 : i32, 8 : i32]}> : (tensor<8xf32>) -> tensor<1x8xf32>
  %b = "ttir.broadcast"(%r) <{broadcast_dimensions = array<i64: 4, 1>}> : (tensor<1x8xf32>) -> tensor<4x8xf32>
  %p = "ttir.permute"(%b) <{permutation = array<i64: 1, 0>}> : (tensor<4x8xf32>) -> tensor<8x4xf32>
  %a = "ttir.add"(%x, %b) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %z = "ttir.zeros"() <{shape = array<i32: 2, 2>}> : () -> tensor<2x2xf32>
  %s = "ttir.slice_static"(%z) <{begins = [0 : i32, 0 : i32], ends = [2 : i32, 1 : i32], step = [1 : i32, 1 : i32]}> : (tensor<2x2xf32>) -> tensor<2x1xf32>
  func.return %p, %a, %s : tensor<8x4xf32>, tensor<4x8xf32>, tensor<2x1xf32>
}
// CHECK-LABEL: func.func @moved_filled(%x: tensor<4x8xf32>) -> (tensor<8x4xf32>, tensor<4x8xf32>, tensor<2x1xf32>) {
// CHECK-NEXT:    %b = "ttir.full"() <{fill_value = 2.500000e+00 : f32, shape = array<i32: 4, 8>}> : () -> tensor<4x8xf32>
// CHECK-NEXT:    %p = "ttir.full"() <{fill_value = 2.500000e+00 : f32, shape = array<i32: 8, 4>}> : () -> tensor<8x4xf32>
// CHECK-NEXT:    %a = "ttir.add"(%x, %b) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    %s = "ttir.zeros"() <{shape = array<i32: 2, 1>}> : () -> tensor<2x1xf32>
// CHECK-NEXT:    func.return %p, %a, %s : tensor<8x4xf32>, tensor<4x8xf32>, tensor<2x1xf32>
// CHECK-NEXT:  }

// Not where they would be broadcast anyway.
func.func @broadcast_filled(%x : tensor<4x8xf32>) -> (tensor<4x8xf32>) {
  %f = "ttir.full"() <{fill_value = 2.5 : f32, shape = array<i32: 1, 1>}> : () -> tensor<1x1xf32>
  %b = "ttir.broadcast"(%f) <{broadcast_dimensions = array<i64: 4, 8>}> : (tensor<1x1xf32>) -> tensor<4x8xf32>
  %a = "ttir.add"(%x, %b) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @broadcast_filled(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
// CHECK-NEXT:    %f = "ttir.full"() <{fill_value = 2.500000e+00 : f32, shape = array<i32: 1, 1>}> : () -> tensor<1x1xf32>
// CHECK-NEXT:    %a = "ttir.add"(%x, %f) : (tensor<4x8xf32>, tensor<1x1xf32>) -> tensor<4x8xf32>
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>
// CHECK-NEXT:  }

// A range, where its dimension stays whole.
func.func @moved_arange() -> (tensor<8x2x2xi64>, tensor<2x4xi64>, tensor<3x2xi64>, tensor<4xi64>) {
  %a = "ttir.arange"() <{arange_dimension = 0 : i64, end = 11 : si64, start = 3 : si64, step = 1 : si64}> : () -> tensor<8xi64>
  %u = "ttir.unsqueeze"(%a) <{dim = 0 : si32}> : (tensor<8xi64>) -> tensor<1x8xi64>
  %b = "ttir.broadcast"(%u) <{broadcast_dimensions = array<i64: 4, 1>}> : (tensor<1x8xi64>) -> tensor<4x8xi64>
  %p = "ttir.permute"(%b) <{permutation = array<i64: 1, 0>}> : (tensor<4x8xi64>) -> tensor<8x4xi64>
  %r = "ttir.reshape"(%p) <{shape = [8 : i32, 2 : i32, 2 : i32]}> : (tensor<8x4xi64>) -> tensor<8x2x2xi64>
  %k = "ttir.reshape"(%a) <{shape = [2 : i32, 4 : i32]}> : (tensor<8xi64>) -> tensor<2x4xi64>
  %c = "ttir.arange"() <{arange_dimension = 0 : i64, end = 2 : si64, start = 0 : si64, step = 1 : si64}> : () -> tensor<2x3xi64>
  %m = "ttir.reshape"(%c) <{shape = [3 : i32, 2 : i32]}> : (tensor<2x3xi64>) -> tensor<3x2xi64>
  %d = "ttir.arange"() <{arange_dimension = 0 : i64, end = 4 : si64, start = 3 : si64, step = 1 : si64}> : () -> tensor<1xi64>
  %n = "ttir.broadcast"(%d) <{broadcast_dimensions = array<i64: 4>}> : (tensor<1xi64>) -> tensor<4xi64>
  func.return %r, %k, %m, %n : tensor<8x2x2xi64>, tensor<2x4xi64>, tensor<3x2xi64>, tensor<4xi64>
}
// CHECK-LABEL: func.func @moved_arange() -> (tensor<8x2x2xi64>, tensor<2x4xi64>, tensor<3x2xi64>, tensor<4xi64>) {
// CHECK-NEXT:    %a = "ttir.arange"() <{arange_dimension = 0 : i64, end = 11 : si64, start = 3 : si64, step = 1 : si64}> : () -> tensor<8xi64>
// CHECK-NEXT:    %r = "ttir.arange"() <{arange_dimension = 0 : i64, end = 11 : si64, start = 3 : si64, step = 1 : si64}> : () -> tensor<8x2x2xi64>
// CHECK-NEXT:    %k = "ttir.reshape"(%a) <{shape = [2 : i32, 4 : i32]}> : (tensor<8xi64>) -> tensor<2x4xi64>
// CHECK-NEXT:    %c = "ttir.arange"() <{arange_dimension = 0 : i64, end = 2 : si64, start = 0 : si64, step = 1 : si64}> : () -> tensor<2x3xi64>
// CHECK-NEXT:    %m = "ttir.reshape"(%c) <{shape = [3 : i32, 2 : i32]}> : (tensor<2x3xi64>) -> tensor<3x2xi64>
// CHECK-NEXT:    %d = "ttir.arange"() <{arange_dimension = 0 : i64, end = 4 : si64, start = 3 : si64, step = 1 : si64}> : () -> tensor<1xi64>
// CHECK-NEXT:    %n = "ttir.broadcast"(%d) <{broadcast_dimensions = array<i64: 4>}> : (tensor<1xi64>) -> tensor<4xi64>
// CHECK-NEXT:    func.return %r, %k, %m, %n : tensor<8x2x2xi64>, tensor<2x4xi64>, tensor<3x2xi64>, tensor<4xi64>
// CHECK-NEXT:  }

// A first cast that changes no number goes; i32 to f32 and f32 to bf16 do change some.
func.func @casts(%c : tensor<4x8xi1>, %h : tensor<4xbf16>, %i : tensor<4xi32>, %s : tensor<4xf32>) -> (tensor<4x8xbf16>, tensor<4xbf16>, tensor<4xi32>, tensor<4xf32>, tensor<4xbf16>, tensor<4xbf16>) {
  %a = "ttir.typecast"(%c) : (tensor<4x8xi1>) -> tensor<4x8xf32>
  %b = "ttir.typecast"(%a) : (tensor<4x8xf32>) -> tensor<4x8xbf16>
  %d = "ttir.typecast"(%h) : (tensor<4xbf16>) -> tensor<4xf32>
  %e = "ttir.typecast"(%d) : (tensor<4xf32>) -> tensor<4xbf16>
  %f = "ttir.typecast"(%i) : (tensor<4xi32>) -> tensor<4xf32>
  %g = "ttir.typecast"(%f) : (tensor<4xf32>) -> tensor<4xi32>
  %j = "ttir.typecast"(%s) : (tensor<4xf32>) -> tensor<4xbf16>
  %k = "ttir.typecast"(%j) : (tensor<4xbf16>) -> tensor<4xf32>
  %o = "ttir.ones"() <{shape = array<i32: 4>}> : () -> tensor<4xi64>
  %l = "ttir.typecast"(%o) : (tensor<4xi64>) -> tensor<4xbf16>
  %q = "ttir.full"() <{fill_value = 0.1 : f32, shape = array<i32: 4>}> : () -> tensor<4xf32>
  %m = "ttir.typecast"(%q) : (tensor<4xf32>) -> tensor<4xbf16>
  func.return %b, %e, %g, %k, %l, %m : tensor<4x8xbf16>, tensor<4xbf16>, tensor<4xi32>, tensor<4xf32>, tensor<4xbf16>, tensor<4xbf16>
}
// CHECK-LABEL: func.func @casts(%c: tensor<4x8xi1>, %h: tensor<4xbf16>, %i: tensor<4xi32>, %s: tensor<4xf32>) -> (tensor<4x8xbf16>, tensor<4xbf16>, tensor<4xi32>, tensor<4xf32>, tensor<4xbf16>, tensor<4xbf16>) {
// CHECK-NEXT:    %b = "ttir.typecast"(%c) <{conservative_folding = false}> : (tensor<4x8xi1>) -> tensor<4x8xbf16>
// CHECK-NEXT:    %f = "ttir.typecast"(%i) <{conservative_folding = false}> : (tensor<4xi32>) -> tensor<4xf32>
// CHECK-NEXT:    %g = "ttir.typecast"(%f) <{conservative_folding = false}> : (tensor<4xf32>) -> tensor<4xi32>
// CHECK-NEXT:    %j = "ttir.typecast"(%s) <{conservative_folding = false}> : (tensor<4xf32>) -> tensor<4xbf16>
// CHECK-NEXT:    %k = "ttir.typecast"(%j) <{conservative_folding = false}> : (tensor<4xbf16>) -> tensor<4xf32>
// CHECK-NEXT:    %l = "ttir.ones"() <{shape = array<i32: 4>}> : () -> tensor<4xbf16>
// CHECK-NEXT:    %q = "ttir.full"() <{fill_value = 1.000000e-01 : f32, shape = array<i32: 4>}> : () -> tensor<4xf32>
// CHECK-NEXT:    %m = "ttir.typecast"(%q) <{conservative_folding = false}> : (tensor<4xf32>) -> tensor<4xbf16>
// CHECK-NEXT:    func.return %b, %h, %g, %k, %l, %m : tensor<4x8xbf16>, tensor<4xbf16>, tensor<4xi32>, tensor<4xf32>, tensor<4xbf16>, tensor<4xbf16>
// CHECK-NEXT:  }

// Without a bias, it is a matmul.
func.func @linear(%a : tensor<2x3xf32>, %b : tensor<4x3xf32>) -> (tensor<2x4xf32>) {
  %l = "ttir.linear"(%a, %b) <{transpose_a = false, transpose_b = true}> : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
  func.return %l : tensor<2x4xf32>
}
// CHECK-LABEL: func.func @linear(%a: tensor<2x3xf32>, %b: tensor<4x3xf32>) -> tensor<2x4xf32> {
// CHECK-NEXT:    %l = "ttir.matmul"(%a, %b) <{transpose_a = false, transpose_b = true}> : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
// CHECK-NEXT:    func.return %l : tensor<2x4xf32>
// CHECK-NEXT:  }
