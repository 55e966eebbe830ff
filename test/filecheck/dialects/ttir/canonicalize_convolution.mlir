// RUN: tt-opt %s -p canonicalize | filecheck %s

// Convolutions of single elements in three dimensions are products.

func.func @pointwise(%x : tensor<2x4x8x8x64xbf16>, %w : tensor<128x64x1x1x1xbf16>) -> (tensor<2x4x8x8x128xbf16>) {
  %0 = "ttir.conv3d"(%x, %w) <{stride = 1 : i32, padding = array<i32: 0, 0, 0>, groups = 1 : i32, padding_mode = "zeros"}> : (tensor<2x4x8x8x64xbf16>, tensor<128x64x1x1x1xbf16>) -> tensor<2x4x8x8x128xbf16>
  func.return %0 : tensor<2x4x8x8x128xbf16>
}
// CHECK-LABEL: func.func @pointwise
// CHECK-NEXT:    %0 = "ttir.reshape"(%x) <{shape = [512 : i32, 64 : i32]}> : (tensor<2x4x8x8x64xbf16>) -> tensor<512x64xbf16>
// CHECK-NEXT:    %1 = "ttir.reshape"(%w) <{shape = [128 : i32, 64 : i32]}> : (tensor<128x64x1x1x1xbf16>) -> tensor<128x64xbf16>
// CHECK-NEXT:    %2 = "ttir.matmul"(%0, %1) <{transpose_a = false, transpose_b = true}> : (tensor<512x64xbf16>, tensor<128x64xbf16>) -> tensor<512x128xbf16>
// CHECK-NEXT:    %3 = "ttir.reshape"(%2) <{shape = [2 : i32, 4 : i32, 8 : i32, 8 : i32, 128 : i32]}> : (tensor<512x128xbf16>) -> tensor<2x4x8x8x128xbf16>
// CHECK-NEXT:    func.return %3 : tensor<2x4x8x8x128xbf16>

func.func @pointwise_with_bias(%x : tensor<1x2x8x8x64xf32>, %w : tensor<32x64x1x1x1xf32>, %b : tensor<1x1x1x1x32xf32>) -> (tensor<1x2x8x8x32xf32>) {
  %0 = "ttir.conv3d"(%x, %w, %b) <{stride = 1 : i32, padding = 0 : i32, groups = 1 : i32}> : (tensor<1x2x8x8x64xf32>, tensor<32x64x1x1x1xf32>, tensor<1x1x1x1x32xf32>) -> tensor<1x2x8x8x32xf32>
  func.return %0 : tensor<1x2x8x8x32xf32>
}
// CHECK-LABEL: func.func @pointwise_with_bias
// CHECK:         %2 = "ttir.reshape"(%b) <{shape = [32 : i32]}> : (tensor<1x1x1x1x32xf32>) -> tensor<32xf32>
// CHECK-NEXT:    %3 = "ttir.linear"(%0, %1, %2) <{transpose_a = false, transpose_b = true}> : (tensor<128x64xf32>, tensor<32x64xf32>, tensor<32xf32>) -> tensor<128x32xf32>
// CHECK-NEXT:    %4 = "ttir.reshape"(%3)

// Neither a larger kernel, nor a stride, padding, groups, another layout, a bias that is no vector, nor unknown extents.
func.func @no_products(%x : tensor<1x4x8x8x64xf32>, %w : tensor<32x64x1x1x1xf32>, %k : tensor<32x64x1x1x2xf32>, %g : tensor<32x32x1x1x1xf32>, %c : tensor<1x64x4x8x8xf32>, %b : tensor<1x4x1x1x32xf32>, %d : tensor<?x4x8x8x64xf32>) -> (tensor<1x4x8x7x32xf32>, tensor<1x2x8x8x32xf32>, tensor<1x6x8x8x32xf32>, tensor<1x4x8x8x32xf32>, tensor<1x32x4x8x8xf32>, tensor<1x4x8x8x32xf32>, tensor<?x4x8x8x32xf32>) {
  %0 = "ttir.conv3d"(%x, %k) <{stride = 1 : i32, padding = 0 : i32, groups = 1 : i32}> : (tensor<1x4x8x8x64xf32>, tensor<32x64x1x1x2xf32>) -> tensor<1x4x8x7x32xf32>
  %1 = "ttir.conv3d"(%x, %w) <{stride = array<i32: 2, 1, 1>, padding = 0 : i32, groups = 1 : i32}> : (tensor<1x4x8x8x64xf32>, tensor<32x64x1x1x1xf32>) -> tensor<1x2x8x8x32xf32>
  %2 = "ttir.conv3d"(%x, %w) <{stride = 1 : i32, padding = array<i32: 1, 0, 0>, groups = 1 : i32}> : (tensor<1x4x8x8x64xf32>, tensor<32x64x1x1x1xf32>) -> tensor<1x6x8x8x32xf32>
  %3 = "ttir.conv3d"(%x, %g) <{stride = 1 : i32, padding = 0 : i32, groups = 2 : i32}> : (tensor<1x4x8x8x64xf32>, tensor<32x32x1x1x1xf32>) -> tensor<1x4x8x8x32xf32>
  %4 = "ttir.conv3d"(%c, %w) <{stride = 1 : i32, padding = 0 : i32, groups = 1 : i32, channel_dim = 1 : i64, depth_dim = 2 : i64, height_dim = 3 : i64, width_dim = 4 : i64}> : (tensor<1x64x4x8x8xf32>, tensor<32x64x1x1x1xf32>) -> tensor<1x32x4x8x8xf32>
  %5 = "ttir.conv3d"(%x, %w, %b) <{stride = 1 : i32, padding = 0 : i32, groups = 1 : i32}> : (tensor<1x4x8x8x64xf32>, tensor<32x64x1x1x1xf32>, tensor<1x4x1x1x32xf32>) -> tensor<1x4x8x8x32xf32>
  %6 = "ttir.conv3d"(%d, %w) <{stride = 1 : i32, padding = 0 : i32, groups = 1 : i32}> : (tensor<?x4x8x8x64xf32>, tensor<32x64x1x1x1xf32>) -> tensor<?x4x8x8x32xf32>
  func.return %0, %1, %2, %3, %4, %5, %6 : tensor<1x4x8x7x32xf32>, tensor<1x2x8x8x32xf32>, tensor<1x6x8x8x32xf32>, tensor<1x4x8x8x32xf32>, tensor<1x32x4x8x8xf32>, tensor<1x4x8x8x32xf32>, tensor<?x4x8x8x32xf32>
}
// CHECK-LABEL: func.func @no_products
// CHECK-NEXT:    %0 = "ttir.conv3d"
// CHECK-NEXT:    %1 = "ttir.conv3d"
// CHECK-NEXT:    %2 = "ttir.conv3d"
// CHECK-NEXT:    %3 = "ttir.conv3d"
// CHECK-NEXT:    %4 = "ttir.conv3d"
// CHECK-NEXT:    %5 = "ttir.conv3d"
// CHECK-NEXT:    %6 = "ttir.conv3d"
// CHECK-NEXT:    func.return %0, %1, %2, %3, %4, %5, %6
