// RUN: tt-opt %s -p canonicalize | filecheck %s

#ttnn_layout = #ttnn.ttnn_layout<(d0, d1) -> (d0, d1), <1x1>, memref<32x32xf32>, <block_sharded>>
#layout = #ttcore.metal_layout<logical_shape = 32x32, dim_alignments = 32x32, collapsed_intervals = dense<[[0, 1], [1, 2]]> : tensor<2x2xi64>, l1, sharded>

// A cast and the one back go.
func.func @there_and_back(%x: tensor<32x32xf32, #ttnn_layout>) -> tensor<32x32xf32, #ttnn_layout> {
  %0 = ttir.ttnn_metal_layout_cast %x : tensor<32x32xf32, #ttnn_layout> -> tensor<1x1x32x32xf32, #layout>
  %1 = ttir.ttnn_metal_layout_cast %0 : tensor<1x1x32x32xf32, #layout> -> tensor<32x32xf32, #ttnn_layout>
  func.return %1 : tensor<32x32xf32, #ttnn_layout>
}
// CHECK-LABEL: func.func @there_and_back
// CHECK-NEXT:    func.return %x

// A cast that says where on the grid its tensor lies stays, and so does one by way of a buffer.
func.func @kept(%x: tensor<32x32xf32, #ttnn_layout>) -> (tensor<32x32xf32, #ttnn_layout>, tensor<32x32xf32, #ttnn_layout>) {
  %0 = ttir.ttnn_metal_layout_cast %x {virtual_grid_inverse_mapping = affine_map<(d0, d1) -> (d1, d0)>} : tensor<32x32xf32, #ttnn_layout> -> tensor<1x1x32x32xf32, #layout>
  %1 = ttir.ttnn_metal_layout_cast %0 : tensor<1x1x32x32xf32, #layout> -> tensor<32x32xf32, #ttnn_layout>
  %2 = ttir.ttnn_metal_layout_cast %x : tensor<32x32xf32, #ttnn_layout> -> memref<32x32xf32>
  %3 = ttir.ttnn_metal_layout_cast %2 : memref<32x32xf32> -> tensor<32x32xf32, #ttnn_layout>
  func.return %1, %3 : tensor<32x32xf32, #ttnn_layout>, tensor<32x32xf32, #ttnn_layout>
}
// CHECK-LABEL: func.func @kept
// CHECK-NEXT:    %[[A:.*]] = ttir.ttnn_metal_layout_cast %x {virtual_grid_inverse_mapping = affine_map<(d0, d1) -> (d1, d0)>}
// CHECK-NEXT:    %[[B:.*]] = ttir.ttnn_metal_layout_cast %[[A]]
// CHECK-NEXT:    %[[C:.*]] = ttir.ttnn_metal_layout_cast %x
// CHECK-NEXT:    %[[D:.*]] = ttir.ttnn_metal_layout_cast %[[C]]
// CHECK-NEXT:    func.return %[[B]], %[[D]]
