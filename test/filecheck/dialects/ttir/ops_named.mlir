// RUN: tt-opt %s | filecheck %s

// Products, normalisations, attention and lookups; defaults are printed.

func.func @matmul(%a : tensor<2x3x4xf32>, %b : tensor<5x4xf32>, %bias : tensor<5xf32>, %v : tensor<4xf32>) {
  %l = "ttir.linear"(%a, %b, %bias) <{transpose_b = true}> : (tensor<2x3x4xf32>, tensor<5x4xf32>, tensor<5xf32>) -> tensor<2x3x5xf32>
  %m = "ttir.matmul"(%a, %b) <{transpose_b = true}> : (tensor<2x3x4xf32>, tensor<5x4xf32>) -> tensor<2x3x5xf32>
  %n = "ttir.matmul"(%a, %v) : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<2x3xf32>
  %o = "ttir.matmul"(%v, %v) : (tensor<4xf32>, tensor<4xf32>) -> tensor<1xf32>
  func.return
}
// CHECK-LABEL: func.func @matmul(%a: tensor<2x3x4xf32>, %b: tensor<5x4xf32>, %bias: tensor<5xf32>, %v: tensor<4xf32>) {
// CHECK-NEXT:    %l = "ttir.linear"(%a, %b, %bias) <{transpose_b = true, transpose_a = false}> : (tensor<2x3x4xf32>, tensor<5x4xf32>, tensor<5xf32>) -> tensor<2x3x5xf32>
// CHECK-NEXT:    %m = "ttir.matmul"(%a, %b) <{transpose_b = true, transpose_a = false}> : (tensor<2x3x4xf32>, tensor<5x4xf32>) -> tensor<2x3x5xf32>
// CHECK-NEXT:    %n = "ttir.matmul"(%a, %v) <{transpose_a = false, transpose_b = false}> : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<2x3xf32>
// CHECK-NEXT:    %o = "ttir.matmul"(%v, %v) <{transpose_a = false, transpose_b = false}> : (tensor<4xf32>, tensor<4xf32>) -> tensor<1xf32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

func.func @normalization(%x : tensor<2x3x4xf32>, %w : tensor<4xf32>) {
  %l = "ttir.layer_norm"(%x, %w, %w) <{epsilon = 1.0E-12 : f32, normalized_shape = array<i64: 4>, operandSegmentSizes = array<i32: 1, 1, 1>}> : (tensor<2x3x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  %b = "ttir.layer_norm"(%x, %w) {normalized_shape = array<i64: 4>, operandSegmentSizes = array<i32: 1, 0, 1>} : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
  %r = "ttir.rms_norm"(%x) <{normalized_shape = array<i64: 3, 4>, operandSegmentSizes = array<i32: 1, 0, 0>}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %s = "ttir.softmax"(%x) <{dimension = -1 : si32}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %t = "ttir.softmax"(%x) <{dimension = 0 : si32, numericStable = true}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  func.return
}
// CHECK-LABEL: func.func @normalization(%x: tensor<2x3x4xf32>, %w: tensor<4xf32>) {
// CHECK-NEXT:    %l = "ttir.layer_norm"(%x, %w, %w) <{epsilon = 1.000000e-12 : f32, normalized_shape = array<i64: 4>, operandSegmentSizes = array<i32: 1, 1, 1>}> : (tensor<2x3x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
// CHECK-NEXT:    %b = "ttir.layer_norm"(%x, %w) <{normalized_shape = array<i64: 4>, operandSegmentSizes = array<i32: 1, 0, 1>, epsilon = 1.000000e-05 : f32}> : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<2x3x4xf32>
// CHECK-NEXT:    %r = "ttir.rms_norm"(%x) <{normalized_shape = array<i64: 3, 4>, operandSegmentSizes = array<i32: 1, 0, 0>, epsilon = 1.000000e-05 : f32}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
// CHECK-NEXT:    %s = "ttir.softmax"(%x) <{dimension = -1 : si32, numericStable = false}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
// CHECK-NEXT:    %t = "ttir.softmax"(%x) <{dimension = 0 : si32, numericStable = true}> : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

func.func @attention(%q : tensor<1x8x32x64xbf16>, %k : tensor<1x2x16x64xbf16>, %m : tensor<1x1x32x16xbf16>, %s : tensor<1x8x1x1xbf16>) {
  %c = "ttir.scaled_dot_product_attention"(%q, %q, %q) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}> : (tensor<1x8x32x64xbf16>, tensor<1x8x32x64xbf16>, tensor<1x8x32x64xbf16>) -> tensor<1x8x32x64xbf16>
  %a = "ttir.scaled_dot_product_attention"(%q, %k, %k, %m, %s) <{is_causal = false, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>, scale = 0.125 : f32, sliding_window_size = 8 : ui32}> : (tensor<1x8x32x64xbf16>, tensor<1x2x16x64xbf16>, tensor<1x2x16x64xbf16>, tensor<1x1x32x16xbf16>, tensor<1x8x1x1xbf16>) -> tensor<1x8x32x64xbf16>
  func.return
}
// CHECK-LABEL: func.func @attention(%q: tensor<1x8x32x64xbf16>, %k: tensor<1x2x16x64xbf16>, %m: tensor<1x1x32x16xbf16>, %s: tensor<1x8x1x1xbf16>) {
// CHECK-NEXT:    %c = "ttir.scaled_dot_product_attention"(%q, %q, %q) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>, is_causal = true}> : (tensor<1x8x32x64xbf16>, tensor<1x8x32x64xbf16>, tensor<1x8x32x64xbf16>) -> tensor<1x8x32x64xbf16>
// CHECK-NEXT:    %a = "ttir.scaled_dot_product_attention"(%q, %k, %k, %m, %s) <{is_causal = false, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>, scale = 1.250000e-01 : f32, sliding_window_size = 8 : ui32}> : (tensor<1x8x32x64xbf16>, tensor<1x2x16x64xbf16>, tensor<1x2x16x64xbf16>, tensor<1x1x32x16xbf16>, tensor<1x8x1x1xbf16>) -> tensor<1x8x32x64xbf16>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

func.func @embedding(%i : tensor<1x3xui32>, %w : tensor<10x4xbf16>) {
  %e = "ttir.embedding"(%i, %w) : (tensor<1x3xui32>, tensor<10x4xbf16>) -> tensor<1x3x4xbf16>
  func.return
}
// CHECK-LABEL: func.func @embedding(%i: tensor<1x3xui32>, %w: tensor<10x4xbf16>) {
// CHECK-NEXT:    %e = "ttir.embedding"(%i, %w) : (tensor<1x3xui32>, tensor<10x4xbf16>) -> tensor<1x3x4xbf16>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }
