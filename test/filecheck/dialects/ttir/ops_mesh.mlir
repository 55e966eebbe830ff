// RUN: tt-opt %s | filecheck %s

// Collectives, distribution over a mesh, norms over shards.

func.func @collectives(%x : tensor<2x8xf32>) {
  %0 = "ttir.all_gather"(%x) <{all_gather_dim = 1 : si32, cluster_axis = 1 : ui32}> : (tensor<2x8xf32>) -> tensor<2x32xf32>
  %1 = "ttir.all_reduce"(%x) <{cluster_axis = 0 : ui32, reduce_type = #ttcore.reduce_type<sum>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %2 = "ttir.all_reduce_async"(%x) <{cluster_axis = 0 : ui32, reduce_type = #ttcore.reduce_type<sum>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %3 = "ttir.reduce_scatter"(%x) <{cluster_axis = 1 : ui32, reduce_type = #ttcore.reduce_type<max>, scatter_dim = 1 : si32}> : (tensor<2x8xf32>) -> tensor<2x2xf32>
  %4 = "ttir.collective_permute"(%x) <{source_target_pairs = dense<[[0, 1], [1, 0]]> : tensor<2x2xi64>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %5 = "ttir.collective_permute"(%x) <{source_target_pairs = dense<> : tensor<0x2xi64>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %6 = "ttir.all_to_all"(%x) <{concat_dim = 0 : si32, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>, split_count = 2 : si32, split_dim = 1 : si32}> : (tensor<2x8xf32>) -> tensor<4x4xf32>
  %7 = "ttir.collective_broadcast"(%x) <{replica_groups = dense<[[0, 1], [2, 3]]> : tensor<2x2xi64>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
  func.return
}
// CHECK-LABEL: func.func @collectives(%x: tensor<2x8xf32>) {
// CHECK-NEXT:    %0 = "ttir.all_gather"(%x) <{all_gather_dim = 1 : si32, cluster_axis = 1 : ui32}> : (tensor<2x8xf32>) -> tensor<2x32xf32>
// CHECK-NEXT:    %1 = "ttir.all_reduce"(%x) <{cluster_axis = 0 : ui32, reduce_type = #ttcore.reduce_type<sum>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:    %2 = "ttir.all_reduce_async"(%x) <{cluster_axis = 0 : ui32, reduce_type = #ttcore.reduce_type<sum>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:    %3 = "ttir.reduce_scatter"(%x) <{cluster_axis = 1 : ui32, reduce_type = #ttcore.reduce_type<max>, scatter_dim = 1 : si32}> : (tensor<2x8xf32>) -> tensor<2x2xf32>
// CHECK-NEXT:    %4 = "ttir.collective_permute"(%x) <{source_target_pairs = dense<[[0, 1], [1, 0]]> : tensor<2x2xi64>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:    %5 = "ttir.collective_permute"(%x) <{source_target_pairs = dense<> : tensor<0x2xi64>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:    %6 = "ttir.all_to_all"(%x) <{concat_dim = 0 : si32, replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>, split_count = 2 : si32, split_dim = 1 : si32}> : (tensor<2x8xf32>) -> tensor<4x4xf32>
// CHECK-NEXT:    %7 = "ttir.collective_broadcast"(%x) <{replica_groups = dense<[[0, 1], [2, 3]]> : tensor<2x2xi64>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

func.func @meshes(%x : tensor<2x8xf32>) {
  %0 = "ttir.mesh_partition"(%x) <{dim = 1 : si32}> : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %1 = "ttir.mesh_partition"(%x) <{cluster_axis = 1 : ui32, dim = -1 : si32}> : (tensor<2x8xf32>) -> tensor<2x2xf32>
  %2 = "ttir.mesh_shard"(%x) <{shard_dims = array<i64: 0, 1>, shard_direction = #ttcore.shard_direction<full_to_shard>, shard_shape = array<i64: 2, 4>, shard_type = #ttcore.shard_type<devices>}> : (tensor<2x8xf32>) -> tensor<1x2xf32>
  %3 = "ttir.mesh_shard"(%x) <{shard_dims = array<i64>, shard_direction = #ttcore.shard_direction<shard_to_full>, shard_shape = array<i64: 1>, shard_type = #ttcore.shard_type<replicate>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
  func.return
}
// CHECK-LABEL: func.func @meshes(%x: tensor<2x8xf32>) {
// CHECK-NEXT:    %0 = "ttir.mesh_partition"(%x) <{dim = 1 : si32}> : (tensor<2x8xf32>) -> tensor<2x1xf32>
// CHECK-NEXT:    %1 = "ttir.mesh_partition"(%x) <{cluster_axis = 1 : ui32, dim = -1 : si32}> : (tensor<2x8xf32>) -> tensor<2x2xf32>
// CHECK-NEXT:    %2 = "ttir.mesh_shard"(%x) <{shard_dims = array<i64: 0, 1>, shard_direction = #ttcore.shard_direction<full_to_shard>, shard_shape = array<i64: 2, 4>, shard_type = #ttcore.shard_type<devices>}> : (tensor<2x8xf32>) -> tensor<1x2xf32>
// CHECK-NEXT:    %3 = "ttir.mesh_shard"(%x) <{shard_dims = array<i64>, shard_direction = #ttcore.shard_direction<shard_to_full>, shard_shape = array<i64: 1>, shard_type = #ttcore.shard_type<replicate>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }

func.func @norms(%x : tensor<2x8xf32>, %w : tensor<8xf32>) {
  %0 = "ttir.distributed_rms_norm"(%x, %w, %x) <{cluster_axis = 1 : ui32, epsilon = 1.000000e-05 : f32, operandSegmentSizes = array<i32: 1, 1, 1>}> : (tensor<2x8xf32>, tensor<8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %1 = "ttir.distributed_layer_norm"(%x, %w, %w) <{cluster_axis = 1 : ui32, epsilon = 1.000000e-05 : f32, operandSegmentSizes = array<i32: 1, 1, 1, 0>}> : (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
  func.return
}
// CHECK-LABEL: func.func @norms(%x: tensor<2x8xf32>, %w: tensor<8xf32>) {
// CHECK-NEXT:    %0 = "ttir.distributed_rms_norm"(%x, %w, %x) <{cluster_axis = 1 : ui32, epsilon = 1.000000e-05 : f32, operandSegmentSizes = array<i32: 1, 1, 1>}> : (tensor<2x8xf32>, tensor<8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:    %1 = "ttir.distributed_layer_norm"(%x, %w, %w) <{cluster_axis = 1 : ui32, epsilon = 1.000000e-05 : f32, operandSegmentSizes = array<i32: 1, 1, 1, 0>}> : (tensor<2x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:    func.return
// CHECK-NEXT:  }
