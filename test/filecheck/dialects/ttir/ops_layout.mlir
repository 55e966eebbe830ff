// RUN: tt-opt %s | filecheck %s
// RUN: tt-opt %s | tt-opt | filecheck %s
// RUN: tt-opt %s --print-op-generic | filecheck %s --check-prefix=GENERIC

// The ops with an assembly format of their own.

#layout = #ttcore.metal_layout<logical_shape = 32x32, dim_alignments = 32x32, collapsed_intervals = dense<[[0, 1], [1, 2]]> : tensor<2x2xi64>, l1, sharded>

func.func @layout(%x : tensor<32x32xbf16>, %m : memref<32x32xf32, #ttcore.view<2>>) {
  %e = ttir.empty() {kept} : tensor<32x32xf32>
  %l = ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32> -> tensor<32x32xf32>
  %h = ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32> hostInfo = <logical_shape = 32x32, dim_alignments = 32x32, collapsed_intervals = dense<[[0, 1], [1, 2]]> : tensor<2x2xi64>, l1, sharded> {kept} -> tensor<32x32xf32>
  ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32>
  ttir.to_layout %m, %m : memref<32x32xf32, #ttcore.view<2>> into memref<32x32xf32, #ttcore.view<2>>
  %g = "ttir.to_layout"(%x, %e) {layout = #layout} : (tensor<32x32xbf16>, tensor<32x32xf32>) -> tensor<32x32xf32>
  func.return
}
// CHECK-LABEL: func.func @layout
// CHECK-NEXT:    %e = ttir.empty() {kept} : tensor<32x32xf32>
// CHECK-NEXT:    %l = ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32> -> tensor<32x32xf32>
// CHECK-NEXT:    %h = ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32> hostInfo = <logical_shape = 32x32, {{.*}}, l1, sharded> {kept} -> tensor<32x32xf32>
// CHECK-NEXT:    ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32>
// CHECK-NEXT:    ttir.to_layout %m, %m : memref<32x32xf32, #ttcore.view<2>> into memref<32x32xf32, #ttcore.view<2>>
// CHECK-NEXT:    %g = ttir.to_layout %x, %e : tensor<32x32xbf16> into tensor<32x32xf32> hostInfo = <logical_shape = 32x32, {{.*}}, l1, sharded> -> tensor<32x32xf32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

// GENERIC:      %e = "ttir.empty"() {kept} : () -> tensor<32x32xf32>
// GENERIC-NEXT: %l = "ttir.to_layout"(%x, %e) : (tensor<32x32xbf16>, tensor<32x32xf32>) -> tensor<32x32xf32>
// GENERIC-NEXT: %h = "ttir.to_layout"(%x, %e) <{layout = #ttcore.metal_layout<{{.*}}>}> {kept} : (tensor<32x32xbf16>, tensor<32x32xf32>) -> tensor<32x32xf32>
// GENERIC-NEXT: "ttir.to_layout"(%x, %e) : (tensor<32x32xbf16>, tensor<32x32xf32>) -> ()

func.func @spread(%x : tensor<32x32xf32, #ttnn.ttnn_layout<<1x1>>>, %y : tensor<4xf32>) {
  %c = ttir.ttnn_metal_layout_cast %x {virtual_grid_forward_mapping = affine_map<(d0) -> (d0)>, kept} : tensor<32x32xf32, #ttnn.ttnn_layout<<1x1>>> -> tensor<1x1x32x32xf32, #layout>
  %t = ttir.tt_lang_op(%y, %y) {kernel_id = "k::v1", version_tag = "1.0", arg_roles = "in,out"} : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>)
  %u = ttir.tt_lang_op(%y) {arg_roles = "out", kernel_id = "k", version_tag = "2", shard_spec = "s", kept} : (tensor<4xf32>) -> (tensor<4xf32>)
  %a = "ttir.alloc"() <{address = 64 : i64, size = 4096 : i64, memory_space = #ttcore.memory_space<l1>}> : () -> tensor<1x1x32x32xf32, #layout>
  "ttir.dealloc"(%a) : (tensor<1x1x32x32xf32, #layout>) -> ()
  func.return
}
// CHECK-LABEL: func.func @spread
// CHECK-NEXT:    %c = ttir.ttnn_metal_layout_cast %x {kept, virtual_grid_forward_mapping = affine_map<(d0) -> (d0)>} : tensor<32x32xf32, #ttnn.ttnn_layout<<1x1>>> -> tensor<1x1x32x32xf32, #ttcore.metal_layout<{{.*}}>>
// CHECK-NEXT:    %t = ttir.tt_lang_op(%y, %y) {kernel_id = "k::v1", version_tag = "1.0", arg_roles = "in,out"} : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>)
// CHECK-NEXT:    %u = ttir.tt_lang_op(%y) {{{.*}}shard_spec = "s"{{.*}}} : (tensor<4xf32>) -> (tensor<4xf32>)
// CHECK-NEXT:    %a = "ttir.alloc"() <{address = 64 : i64, size = 4096 : i64, memory_space = #ttcore.memory_space<l1>}> : () -> tensor<1x1x32x32xf32, #ttcore.metal_layout<{{.*}}>>
// CHECK-NEXT:    "ttir.dealloc"(%a) : (tensor<1x1x32x32xf32, #ttcore.metal_layout<{{.*}}>>) -> ()
