// RUN: tt-opt %s --allow-unregistered-dialect | filecheck %s

// Mixture of experts.

func.func @exchange(%x : tensor<1x6x1x8xbf16>, %i : tensor<1x6x1x4xi64>, %s : tensor<1x1x6x4xbf16>, %m : tensor<1x1x16x2xi64>, %o : tensor<1x1x2x16xi64>) {
  %0, %1 = "ttir.all_to_all_dispatch"(%x, %i, %m) <{cluster_axis = 1 : i64, num_devices = 2 : i64}> : (tensor<1x6x1x8xbf16>, tensor<1x6x1x4xi64>, tensor<1x1x16x2xi64>) -> (tensor<1x2x6x8xbf16>, tensor<1x2x6x4xi64>)
  %2, %3, %4 = "ttir.all_to_all_dispatch_metadata"(%x, %i, %s, %o) <{cluster_axis = 1 : i64, num_devices = 2 : i64}> : (tensor<1x6x1x8xbf16>, tensor<1x6x1x4xi64>, tensor<1x1x6x4xbf16>, tensor<1x1x2x16xi64>) -> (tensor<1x12x8xbf16>, tensor<1x12x4xi64>, tensor<1x12x4xbf16>)
  %5 = "test.op"() : () -> tensor<8x2x6x8xbf16>
  %6 = "ttir.all_to_all_combine"(%5, %1, %m) <{cluster_axis = 1 : i64, num_devices = 2 : i64, num_experts_per_tok = 4 : i64, output_shard_dim = 1 : i64}> : (tensor<8x2x6x8xbf16>, tensor<1x2x6x4xi64>, tensor<1x1x16x2xi64>) -> tensor<4x1x6x8xbf16>
  %7 = "test.op"() : () -> tensor<1x2x6x16xbf16>
  %8, %9 = "ttir.moe_expert_token_remap"(%7, %m, %1) <{reduction_size = 4 : i64}> : (tensor<1x2x6x16xbf16>, tensor<1x1x16x2xi64>, tensor<1x2x6x4xi64>) -> (tensor<1x2x6x8xbf16>, tensor<1x1x3x8xui16>)
  func.return
}
// CHECK-LABEL: func.func @exchange(%x: tensor<1x6x1x8xbf16>, %i: tensor<1x6x1x4xi64>, %s: tensor<1x1x6x4xbf16>, %m: tensor<1x1x16x2xi64>, %o: tensor<1x1x2x16xi64>) {
// CHECK-NEXT:    %0, %1 = "ttir.all_to_all_dispatch"(%x, %i, %m) <{cluster_axis = 1 : i64, num_devices = 2 : i64}> : (tensor<1x6x1x8xbf16>, tensor<1x6x1x4xi64>, tensor<1x1x16x2xi64>) -> (tensor<1x2x6x8xbf16>, tensor<1x2x6x4xi64>)
// CHECK-NEXT:    %2, %3, %4 = "ttir.all_to_all_dispatch_metadata"(%x, %i, %s, %o) <{cluster_axis = 1 : i64, num_devices = 2 : i64}> : (tensor<1x6x1x8xbf16>, tensor<1x6x1x4xi64>, tensor<1x1x6x4xbf16>, tensor<1x1x2x16xi64>) -> (tensor<1x12x8xbf16>, tensor<1x12x4xi64>, tensor<1x12x4xbf16>)
// CHECK-NEXT:    %5 = "test.op"() : () -> tensor<8x2x6x8xbf16>
// CHECK-NEXT:    %6 = "ttir.all_to_all_combine"(%5, %1, %m) <{cluster_axis = 1 : i64, num_devices = 2 : i64, num_experts_per_tok = 4 : i64, output_shard_dim = 1 : i64}> : (tensor<8x2x6x8xbf16>, tensor<1x2x6x4xi64>, tensor<1x1x16x2xi64>) -> tensor<4x1x6x8xbf16>
// CHECK-NEXT:    %7 = "test.op"() : () -> tensor<1x2x6x16xbf16>
// CHECK-NEXT:    %8, %9 = "ttir.moe_expert_token_remap"(%7, %m, %1) <{reduction_size = 4 : i64}> : (tensor<1x2x6x16xbf16>, tensor<1x1x16x2xi64>, tensor<1x2x6x4xi64>) -> (tensor<1x2x6x8xbf16>, tensor<1x1x3x8xui16>)
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

func.func @kernels(%x : tensor<6x64xbf16>, %i : tensor<6x4xui16>, %s : tensor<6x4xbf16>, %m : tensor<1x8xui16>, %w01 : tensor<12x1x4x4x64x128xbf16>, %w2 : tensor<12x1x4x2x64x128xbf16>, %w : tensor<1x2x64x64xbf16>) {
  %0, %1, %2, %3, %4 = "ttir.moe_gpt"(%x, %i, %s, %m, %w01, %w2) <{cluster_axis = 0 : ui32, hidden_size = 64 : ui32, output_height_shard_dim = 4 : ui32, output_width_shard_dim = 3 : ui32}> : (tensor<6x64xbf16>, tensor<6x4xui16>, tensor<6x4xbf16>, tensor<1x8xui16>, tensor<12x1x4x4x64x128xbf16>, tensor<12x1x4x2x64x128xbf16>) -> (tensor<1x16xui32>, tensor<1x512xui32>, tensor<4x129xui32>, tensor<12x2x32x64xbf16>, tensor<12x2x32x64xbf16>)
  %5 = "ttir.selective_reduce_combine"(%4, %1, %2, %0) <{axis = 0 : ui32, batch_size = 1 : ui32, experts = 8 : ui32, hidden_size = 64 : ui32, select_experts_k = 4 : ui32, seq_size = 6 : ui32}> : (tensor<12x2x32x64xbf16>, tensor<1x512xui32>, tensor<4x129xui32>, tensor<1x16xui32>) -> tensor<4x6x64xbf16>
  %6 = "ttir.moe_compute"(%x, %i, %s, %m, %w, %w, %w) <{activation_function = #ttcore.moe_activation_function<swiglu>, cluster_axis = 0 : ui32, intermediate_size = 64 : ui32, layer_id = 0 : ui32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 1, 0, 0, 0>, output_height_shard_dim = 4 : ui32}> : (tensor<6x64xbf16>, tensor<6x4xui16>, tensor<6x4xbf16>, tensor<1x8xui16>, tensor<1x2x64x64xbf16>, tensor<1x2x64x64xbf16>, tensor<1x2x64x64xbf16>) -> tensor<4x6x64xbf16>
  func.return
}
// CHECK-LABEL: func.func @kernels(%x: tensor<6x64xbf16>, %i: tensor<6x4xui16>, %s: tensor<6x4xbf16>, %m: tensor<1x8xui16>, %w01: tensor<12x1x4x4x64x128xbf16>, %w2: tensor<12x1x4x2x64x128xbf16>, %w: tensor<1x2x64x64xbf16>) {
// CHECK-NEXT:    %0, %1, %2, %3, %4 = "ttir.moe_gpt"(%x, %i, %s, %m, %w01, %w2) <{cluster_axis = 0 : ui32, hidden_size = 64 : ui32, output_height_shard_dim = 4 : ui32, output_width_shard_dim = 3 : ui32}> : (tensor<6x64xbf16>, tensor<6x4xui16>, tensor<6x4xbf16>, tensor<1x8xui16>, tensor<12x1x4x4x64x128xbf16>, tensor<12x1x4x2x64x128xbf16>) -> (tensor<1x16xui32>, tensor<1x512xui32>, tensor<4x129xui32>, tensor<12x2x32x64xbf16>, tensor<12x2x32x64xbf16>)
// CHECK-NEXT:    %5 = "ttir.selective_reduce_combine"(%4, %1, %2, %0) <{axis = 0 : ui32, batch_size = 1 : ui32, experts = 8 : ui32, hidden_size = 64 : ui32, select_experts_k = 4 : ui32, seq_size = 6 : ui32}> : (tensor<12x2x32x64xbf16>, tensor<1x512xui32>, tensor<4x129xui32>, tensor<1x16xui32>) -> tensor<4x6x64xbf16>
// CHECK-NEXT:    %6 = "ttir.moe_compute"(%x, %i, %s, %m, %w, %w, %w) <{activation_function = #ttcore.moe_activation_function<swiglu>, cluster_axis = 0 : ui32, intermediate_size = 64 : ui32, layer_id = 0 : ui32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 1, 1, 0, 0, 0>, output_height_shard_dim = 4 : ui32}> : (tensor<6x64xbf16>, tensor<6x4xui16>, tensor<6x4xbf16>, tensor<1x8xui16>, tensor<1x2x64x64xbf16>, tensor<1x2x64x64xbf16>, tensor<1x2x64x64xbf16>) -> tensor<4x6x64xbf16>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }
