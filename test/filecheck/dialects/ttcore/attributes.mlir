// RUN: tt-opt %s --allow-unregistered-dialect | filecheck %s

// Attributes and types, in tt-mlir's own syntax.

"test.attributes"() {
  argument_types = [#ttcore.argument_type<input>, #ttcore.argument_type<parameter>, #ttcore.argument_type<constant>, #ttcore.argument_type<default>],
  meshes = #ttcore.meshes<[<"a" = 2x4>, <"b" = 1x1>]>,
  local_shape = #ttcore<local_shape local_shape = tensor<1x512xi64>>,
  others = [#ttcore.shard_status<presharded>, #ttcore.shard_direction<full_to_shard>, #ttcore.shard_type<devices>, #ttcore.reduce_type<sum>, #ttcore.attention_mask_type<causal>]
} : () -> ()
// CHECK:      argument_types = [#ttcore.argument_type<input>, #ttcore.argument_type<parameter>, #ttcore.argument_type<constant>, #ttcore.argument_type<default>],
// CHECK-SAME: meshes = #ttcore.meshes<[<"a" = 2x4>, <"b" = 1x1>]>,
// CHECK-SAME: local_shape = #ttcore<local_shape local_shape = tensor<1x512xi64>>,
// CHECK-SAME: others = [#ttcore.shard_status<presharded>, #ttcore.shard_direction<full_to_shard>, #ttcore.shard_type<devices>, #ttcore.reduce_type<sum>, #ttcore.attention_mask_type<causal>]

"test.types"() {
  tiles = [!ttcore.tile<32x32, f32>, !ttcore.tile<32x32, bfp_bf8>, !ttcore.tile<16x32, si32>, !ttcore.tile<32x32, fp8_e4m3>],
  tensors = [tensor<2x!ttcore.tile<32x32, bf16>>, tensor<2xf32, #ttcore.tensor_mesh<"a">>]
} : () -> ()
// CHECK:      tiles = [!ttcore.tile<32x32, f32>, !ttcore.tile<32x32, bfp_bf8>, !ttcore.tile<16x32, si32>, !ttcore.tile<32x32, fp8_e4m3>],
// CHECK-SAME: tensors = [tensor<2x!ttcore.tile<32x32, bf16>>, tensor<2xf32, #ttcore.tensor_mesh<"a">>]
