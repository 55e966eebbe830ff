// RUN: tt-opt %s | tt-opt | filecheck %s

// Attention, heads, rotary embeddings, the router, and the optimiser; inherent attributes may stand in plain braces.
func.func @attention(%q : tensor<2x8x4x16xbf16>, %k : tensor<2x2x6x16xbf16>, %m : tensor<1x8x4x6xbf16>, %s : tensor<1x8x1x1xbf16>) -> tensor<2x8x4x16xbf16> {
  %0 = "ttir.scaled_dot_product_attention"(%q, %k, %k, %m, %s) {is_causal = false, sliding_window_size = 3 : ui32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>} : (tensor<2x8x4x16xbf16>, tensor<2x2x6x16xbf16>, tensor<2x2x6x16xbf16>, tensor<1x8x4x6xbf16>, tensor<1x8x1x1xbf16>) -> tensor<2x8x4x16xbf16>
  func.return %0 : tensor<2x8x4x16xbf16>
}
// CHECK-LABEL: func.func @attention
// CHECK-NEXT:    %{{.*}} = "ttir.scaled_dot_product_attention"(%q, %k, %k, %m, %s) <{is_causal = false, sliding_window_size = 3 : ui32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>}>

func.func @decode(%q : tensor<1x2x8x16xbf16>, %k : tensor<2x2x6x16xbf16>, %p : tensor<2xi32>, %s : tensor<8x32xbf16>) -> tensor<1x2x8x16xbf16> {
  %0 = "ttir.scaled_dot_product_attention_decode"(%q, %k, %k, %p, %s) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 1>, scale = 1.0 : f32}> : (tensor<1x2x8x16xbf16>, tensor<2x2x6x16xbf16>, tensor<2x2x6x16xbf16>, tensor<2xi32>, tensor<8x32xbf16>) -> tensor<1x2x8x16xbf16>
  func.return %0 : tensor<1x2x8x16xbf16>
}
// CHECK-LABEL: func.func @decode
// CHECK-NEXT:    %{{.*}} = "ttir.scaled_dot_product_attention_decode"(%q, %k, %k, %p, %s) <{operandSegmentSizes = array<i32: 1, 1, 1, 0, 1, 1>, scale = 1.000000e+00 : f32, is_causal = true}>

func.func @paged(%q : tensor<1x2x8x16xbf16>, %k : tensor<9x2x32x16xbf16>, %l : tensor<9x1x32x16xbf16>, %t : tensor<2x4xi32>, %p : tensor<2xi32>, %o : tensor<1x2x8x16xbf16>, %c : tensor<2x8x4x16xbf16>, %i : tensor<1xi32>) -> (tensor<1x2x8x16xbf16>, tensor<1x2x8x12xbf16>, tensor<2x8x4x16xbf16>) {
  %0 = "ttir.paged_scaled_dot_product_attention_decode"(%q, %k, %k, %t, %o, %p) <{sliding_window_size = 5 : ui32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 1, 0>}> : (tensor<1x2x8x16xbf16>, tensor<9x2x32x16xbf16>, tensor<9x2x32x16xbf16>, tensor<2x4xi32>, tensor<1x2x8x16xbf16>, tensor<2xi32>) -> tensor<1x2x8x16xbf16>
  %1 = "ttir.paged_flash_multi_latent_attention_decode"(%q, %l, %t, %p) <{head_dim_v = 12 : ui32, operandSegmentSizes = array<i32: 1, 1, 0, 1, 0, 1, 0>}> : (tensor<1x2x8x16xbf16>, tensor<9x1x32x16xbf16>, tensor<2x4xi32>, tensor<2xi32>) -> tensor<1x2x8x12xbf16>
  %2 = "ttir.chunked_scaled_dot_product_attention"(%c, %k, %k, %t, %i, %c) <{scale = 0.5 : f32}> : (tensor<2x8x4x16xbf16>, tensor<9x2x32x16xbf16>, tensor<9x2x32x16xbf16>, tensor<2x4xi32>, tensor<1xi32>, tensor<2x8x4x16xbf16>) -> tensor<2x8x4x16xbf16>
  func.return %0, %1, %2 : tensor<1x2x8x16xbf16>, tensor<1x2x8x12xbf16>, tensor<2x8x4x16xbf16>
}
// CHECK-LABEL: func.func @paged
// CHECK-NEXT:    %{{.*}} = "ttir.paged_scaled_dot_product_attention_decode"(%q, %k, %k, %t, %o, %p) <{sliding_window_size = 5 : ui32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 1, 0>, is_causal = true}>
// CHECK-NEXT:    %{{.*}} = "ttir.paged_flash_multi_latent_attention_decode"(%q, %l, %t, %p) <{head_dim_v = 12 : ui32, operandSegmentSizes = array<i32: 1, 1, 0, 1, 0, 1, 0>, is_causal = true}>
// CHECK-NEXT:    %{{.*}} = "ttir.chunked_scaled_dot_product_attention"(%c, %k, %k, %t, %i, %c) <{scale = 5.000000e-01 : f32}>

func.func @training(%q : tensor<1x4x6x8xbf16>, %k : tensor<1x2x6x8xbf16>, %v : tensor<1x2x6x5xbf16>, %m : tensor<1x1x6x6xbf16>) -> (tensor<1x4x6x8xbf16>, tensor<1x2x6x8xbf16>, tensor<1x2x6x5xbf16>, tensor<1x4x6x5xbf16>) {
  %o, %i = "ttir.sdpa_fw"(%q, %k, %v, %m) <{mask_type = #ttcore.attention_mask_type<arbitrary>, return_intermediates = true}> : (tensor<1x4x6x8xbf16>, tensor<1x2x6x8xbf16>, tensor<1x2x6x5xbf16>, tensor<1x1x6x6xbf16>) -> (tensor<1x4x6x5xbf16>, tensor<1x4x6x32xf32>)
  %a, %b, %c = "ttir.sdpa_bw"(%o, %o, %q, %k, %v, %i, %m) : (tensor<1x4x6x5xbf16>, tensor<1x4x6x5xbf16>, tensor<1x4x6x8xbf16>, tensor<1x2x6x8xbf16>, tensor<1x2x6x5xbf16>, tensor<1x4x6x32xf32>, tensor<1x1x6x6xbf16>) -> (tensor<1x4x6x8xbf16>, tensor<1x2x6x8xbf16>, tensor<1x2x6x5xbf16>)
  %d = "ttir.sdpa_fw"(%q, %k, %v) : (tensor<1x4x6x8xbf16>, tensor<1x2x6x8xbf16>, tensor<1x2x6x5xbf16>) -> tensor<1x4x6x5xbf16>
  func.return %a, %b, %c, %d : tensor<1x4x6x8xbf16>, tensor<1x2x6x8xbf16>, tensor<1x2x6x5xbf16>, tensor<1x4x6x5xbf16>
}
// CHECK-LABEL: func.func @training
// CHECK-NEXT:    %o, %i = "ttir.sdpa_fw"(%q, %k, %v, %m) <{mask_type = #ttcore.attention_mask_type<arbitrary>, return_intermediates = true, dropout_probability = 0.000000e+00 : f32}>
// CHECK-NEXT:    %{{.*}} = "ttir.sdpa_bw"(%o, %o, %q, %k, %v, %i, %m) <{mask_type = #ttcore.attention_mask_type<arbitrary>, dropout_probability = 0.000000e+00 : f32}>
// CHECK-NEXT:    %{{.*}} = "ttir.sdpa_fw"(%q, %k, %v) <{mask_type = #ttcore.attention_mask_type<causal>, dropout_probability = 0.000000e+00 : f32, return_intermediates = false}>

func.func @heads(%x : tensor<2x4x3x8xf32>, %h : tensor<2x3x64xf32>, %c : tensor<1x1x3x8xf32>) -> (tensor<2x3x32xf32>, tensor<2x4x3x8xf32>, tensor<2x2x8x3xf32>, tensor<2x2x3x8xf32>, tensor<2x4x3x8xf32>) {
  %0 = "ttir.concatenate_heads"(%x) : (tensor<2x4x3x8xf32>) -> tensor<2x3x32xf32>
  %q, %k, %v = "ttir.split_query_key_value_and_split_heads"(%h) <{num_heads = 4 : ui32, num_kv_heads = 2 : ui32, transpose_key = true}> : (tensor<2x3x64xf32>) -> (tensor<2x4x3x8xf32>, tensor<2x2x8x3xf32>, tensor<2x2x3x8xf32>)
  %1 = "ttir.rotary_embedding"(%x, %c, %c) : (tensor<2x4x3x8xf32>, tensor<1x1x3x8xf32>, tensor<1x1x3x8xf32>) -> tensor<2x4x3x8xf32>
  func.return %0, %q, %k, %v, %1 : tensor<2x3x32xf32>, tensor<2x4x3x8xf32>, tensor<2x2x8x3xf32>, tensor<2x2x3x8xf32>, tensor<2x4x3x8xf32>
}
// CHECK-LABEL: func.func @heads
// CHECK-NEXT:    %{{.*}} = "ttir.concatenate_heads"(%x)
// CHECK-NEXT:    %q, %k, %v = "ttir.split_query_key_value_and_split_heads"(%h) <{num_heads = 4 : ui32, num_kv_heads = 2 : ui32, transpose_key = true}>
// CHECK-NEXT:    %{{.*}} = "ttir.rotary_embedding"(%x, %c, %c)

func.func @experts(%x : tensor<2x3x4x8xbf16>, %w : tensor<1x5x8x6xbf16>, %s : tensor<2x3x1x5xui16>, %t : tensor<32x8xbf16>, %r : tensor<8x16xbf16>, %b : tensor<32x16xbf16>) -> (tensor<2x3x1x5x4x6xbf16>, tensor<32x4xui16>, tensor<32x4xbf16>) {
  %0 = "ttir.sparse_matmul"(%x, %w, %s) <{nnz = 2 : i64}> : (tensor<2x3x4x8xbf16>, tensor<1x5x8x6xbf16>, tensor<2x3x1x5xui16>) -> tensor<2x3x1x5x4x6xbf16>
  %1, %2 = "ttir.topk_router_gpt"(%t, %r, %b) <{k = 4 : i32, num_experts = 16 : i32}> : (tensor<32x8xbf16>, tensor<8x16xbf16>, tensor<32x16xbf16>) -> (tensor<32x4xui16>, tensor<32x4xbf16>)
  func.return %0, %1, %2 : tensor<2x3x1x5x4x6xbf16>, tensor<32x4xui16>, tensor<32x4xbf16>
}
// CHECK-LABEL: func.func @experts
// CHECK-NEXT:    %{{.*}} = "ttir.sparse_matmul"(%x, %w, %s) <{nnz = 2 : i64, is_input_a_sparse = false, is_input_b_sparse = true}>
// CHECK-NEXT:    %{{.*}}, %{{.*}} = "ttir.topk_router_gpt"(%t, %r, %b) <{k = 4 : i32, num_experts = 16 : i32}>

func.func @step(%p : tensor<4x4xbf16>, %g : tensor<4x4xf32>, %m : tensor<4x4xf32>) -> (tensor<4x4xbf16>, tensor<4x4xf32>) {
  %0:4 = "ttir.adamw"(%p, %g, %m, %m, %m) <{lr = 1.0e-3 : f32, beta1 = 0.9 : f32, beta2 = 0.999 : f32, beta1_pow = 0.9 : f32, beta2_pow = 0.999 : f32, epsilon = 1.0e-8 : f32, weight_decay = 1.0e-2 : f32}> : (tensor<4x4xbf16>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> (tensor<4x4xbf16>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>)
  func.return %0#0, %0#3 : tensor<4x4xbf16>, tensor<4x4xf32>
}
// CHECK-LABEL: func.func @step
// CHECK-NEXT:    %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} = "ttir.adamw"(%p, %g, %m, %m, %m) <{lr = {{.*}}, stochastic_rounding = false}>

func.func @contraction(%a : tensor<2x3x4xf32>, %b : tensor<4x2x5xf32>) -> tensor<2x3x5xf32> {
  %0 = "ttir.dot_general"(%a, %b) {batch_dims_lhs = array<i64: 0>, contract_dims_lhs = array<i64: 2>, batch_dims_rhs = array<i64: 1>, contract_dims_rhs = array<i64: 0>} : (tensor<2x3x4xf32>, tensor<4x2x5xf32>) -> tensor<2x3x5xf32>
  func.return %0 : tensor<2x3x5xf32>
}
// CHECK-LABEL: func.func @contraction
// CHECK-NEXT:    %{{.*}} = "ttir.dot_general"(%a, %b) <{batch_dims_lhs = array<i64: 0>, contract_dims_lhs = array<i64: 2>, batch_dims_rhs = array<i64: 1>, contract_dims_rhs = array<i64: 0>}>
