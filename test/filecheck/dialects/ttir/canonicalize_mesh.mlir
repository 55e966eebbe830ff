// RUN: tt-opt %s -p canonicalize | filecheck %s

// Ops that span a mesh.

// A tensor cut into one part, and a broadcast among one device or none, move nothing.
func.func @one_device(%x : tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
  %0 = "ttir.mesh_shard"(%x) <{shard_dims = array<i64: -1>, shard_direction = #ttcore.shard_direction<full_to_shard>, shard_shape = array<i64: 1>, shard_type = #ttcore.shard_type<identity>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %1 = "ttir.mesh_shard"(%x) <{shard_dims = array<i64: 0, 1>, shard_direction = #ttcore.shard_direction<shard_to_full>, shard_shape = array<i64: 1, 1>, shard_type = #ttcore.shard_type<devices>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %2 = "ttir.collective_broadcast"(%x) <{replica_groups = dense<[[0], [1]]> : tensor<2x1xi64>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %3 = "ttir.collective_broadcast"(%x) <{replica_groups = dense<> : tensor<0x2xi64>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
  func.return %0, %1, %2, %3 : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
}
// CHECK-LABEL: func.func @one_device(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
// CHECK-NEXT:    func.return %x, %x, %x, %x : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
// CHECK-NEXT:  }

// Copies, parts and broadcasts among several devices stay.
func.func @several_devices(%x : tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x4xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
  %0 = "ttir.mesh_shard"(%x) <{shard_dims = array<i64: -1>, shard_direction = #ttcore.shard_direction<full_to_shard>, shard_shape = array<i64: 1>, shard_type = #ttcore.shard_type<replicate>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %1 = "ttir.mesh_shard"(%x) <{shard_dims = array<i64: -1, 1>, shard_direction = #ttcore.shard_direction<full_to_shard>, shard_shape = array<i64: 1, 2>, shard_type = #ttcore.shard_type<devices>}> : (tensor<2x8xf32>) -> tensor<2x4xf32>
  %2 = "ttir.collective_broadcast"(%x) <{replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
  %3 = "ttir.collective_permute"(%x) <{source_target_pairs = dense<> : tensor<0x2xi64>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
  func.return %0, %1, %2, %3 : tensor<2x8xf32>, tensor<2x4xf32>, tensor<2x8xf32>, tensor<2x8xf32>
}
// CHECK-LABEL: func.func @several_devices(%x: tensor<2x8xf32>) -> (tensor<2x8xf32>, tensor<2x4xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
// CHECK-NEXT:    %0 = "ttir.mesh_shard"(%x) <{shard_dims = array<i64: -1>, shard_direction = #ttcore.shard_direction<full_to_shard>, shard_shape = array<i64: 1>, shard_type = #ttcore.shard_type<replicate>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:    %1 = "ttir.mesh_shard"(%x) <{shard_dims = array<i64: -1, 1>, shard_direction = #ttcore.shard_direction<full_to_shard>, shard_shape = array<i64: 1, 2>, shard_type = #ttcore.shard_type<devices>}> : (tensor<2x8xf32>) -> tensor<2x4xf32>
// CHECK-NEXT:    %2 = "ttir.collective_broadcast"(%x) <{replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:    %3 = "ttir.collective_permute"(%x) <{source_target_pairs = dense<> : tensor<0x2xi64>}> : (tensor<2x8xf32>) -> tensor<2x8xf32>
// CHECK-NEXT:    func.return %0, %1, %2, %3 : tensor<2x8xf32>, tensor<2x4xf32>, tensor<2x8xf32>, tensor<2x8xf32>
// CHECK-NEXT:  }
