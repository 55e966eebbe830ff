// RUN: tt-opt %s -p aten-to-ttir | filecheck %s

// Element-wise: operands get the type in which torch computes, numbers become tensors of one element.
func.func @elementwise(%x : tensor<2x3xf32>, %i : tensor<3xi64>) -> (tensor<2x3xf32>, tensor<3xi1>) {
  %0 = aten.call "aten.add.Tensor"(%x, %i) kwargs(alpha = 2 : i64) : (tensor<2x3xf32>, tensor<3xi64>) -> tensor<2x3xf32>
  %1 = aten.call "aten.clamp.default"(%0, #aten.none, 6.0 : f64) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = aten.call "aten.gt.Scalar"(%i, 0.5 : f64) : (tensor<3xi64>) -> tensor<3xi1>
  func.return %1, %2 : tensor<2x3xf32>, tensor<3xi1>
}
// CHECK-LABEL: func.func @elementwise
// CHECK-NEXT:    %[[I:.*]] = "ttir.typecast"(%i) <{conservative_folding = false}> : (tensor<3xi64>) -> tensor<3xf32>
// CHECK-NEXT:    %[[TWO:.*]] = "ttir.full"() <{fill_value = 2.000000e+00 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
// CHECK-NEXT:    %[[M:.*]] = "ttir.multiply"(%[[I]], %[[TWO]]) : (tensor<3xf32>, tensor<1xf32>) -> tensor<3xf32>
// CHECK-NEXT:    %[[A:.*]] = "ttir.add"(%x, %[[M]]) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
// CHECK-NEXT:    %[[C:.*]] = "ttir.clamp_scalar"(%[[A]]) <{max = 6.000000e+00 : f32, min = 0xFF800000 : f32}>
// CHECK-NEXT:    %[[F:.*]] = "ttir.typecast"(%i) <{conservative_folding = false}> : (tensor<3xi64>) -> tensor<3xf32>
// CHECK-NEXT:    %[[HALF:.*]] = "ttir.full"() <{fill_value = 5.000000e-01 : f32
// CHECK-NEXT:    %[[G:.*]] = "ttir.gt"(%[[F]], %[[HALF]]) : (tensor<3xf32>, tensor<1xf32>) -> tensor<3xi1>
// CHECK-NEXT:    func.return %[[C]], %[[G]]

// Contractions and reductions keep their forms; a boolean mask becomes one that is added.
func.func @contractions(%q : tensor<1x2x4x8xf32>, %m : tensor<4x4xi1>, %w : tensor<5x8xf32>) -> tensor<1x2x4xf32> {
  %0 = aten.call "aten.scaled_dot_product_attention.default"(%q, %q, %q, %m) : (tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<4x4xi1>) -> tensor<1x2x4x8xf32>
  %1 = aten.call "aten.linear.default"(%0, %w) : (tensor<1x2x4x8xf32>, tensor<5x8xf32>) -> tensor<1x2x4x5xf32>
  %2 = aten.call "aten.softmax.int"(%1, -1 : i64) : (tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32>
  %3 = aten.call "aten.mean.dim"(%2, [-1 : i64]) : (tensor<1x2x4x5xf32>) -> tensor<1x2x4xf32>
  func.return %3 : tensor<1x2x4xf32>
}
// CHECK-LABEL: func.func @contractions
// CHECK-NEXT:    %[[M4:.*]] = "ttir.reshape"(%m) <{shape = [1 : i32, 1 : i32, 4 : i32, 4 : i32]}>
// CHECK-NEXT:    %[[KEEP:.*]] = "ttir.full"() <{fill_value = 0.000000e+00 : f32
// CHECK-NEXT:    %[[DROP:.*]] = "ttir.full"() <{fill_value = 0xFF800000 : f32
// CHECK-NEXT:    %[[MASK:.*]] = "ttir.where"(%[[M4]], %[[KEEP]], %[[DROP]])
// CHECK-NEXT:    %[[S:.*]] = "ttir.scaled_dot_product_attention"(%q, %q, %q, %[[MASK]]) <{is_causal = false
// CHECK-NEXT:    %[[L:.*]] = "ttir.linear"(%[[S]], %w) <{transpose_a = false, transpose_b = true}>
// CHECK-NEXT:    %[[P:.*]] = "ttir.softmax"(%[[L]]) <{dimension = 3 : si32, numericStable = true}>
// CHECK-NEXT:    %{{.*}} = "ttir.mean"(%[[P]]) <{dim_arg = [3 : i32], keep_dim = false}>
// CHECK-NEXT:    func.return

// Movement: bounds are clipped, dimensions counted from the front; what moves nothing goes.
func.func @movement(%x : tensor<4x6xf32>, %t : tensor<9x6xf32>, %i : tensor<4xi64>) -> tensor<6x8xf32> {
  %0 = aten.call "aten.slice.Tensor"(%x, -2 : i64, 0 : i64, 9223372036854775807 : i64) : (tensor<4x6xf32>) -> tensor<4x6xf32>
  %1 = aten.call "aten.embedding.default"(%t, %i, 0 : i64) : (tensor<9x6xf32>, tensor<4xi64>) -> tensor<4x6xf32>
  %2 = aten.call "aten.cat.default"([%0, %1]) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<8x6xf32>
  %3 = aten.call "aten.transpose.int"(%2, -1 : i64, -2 : i64) : (tensor<8x6xf32>) -> tensor<6x8xf32>
  %4 = aten.call "aten.ones.default"([1 : i64, 8 : i64]) : () -> tensor<1x8xf32>
  %5 = aten.call "aten.expand.default"(%4, [6 : i64, -1 : i64]) : (tensor<1x8xf32>) -> tensor<6x8xf32>
  %6 = aten.call "aten.mul.Tensor"(%3, %5) : (tensor<6x8xf32>, tensor<6x8xf32>) -> tensor<6x8xf32>
  func.return %6 : tensor<6x8xf32>
}
// CHECK-LABEL: func.func @movement
// CHECK-NEXT:    %[[E:.*]] = "ttir.embedding"(%i, %t) : (tensor<4xi64>, tensor<9x6xf32>) -> tensor<4x6xf32>
// CHECK-NEXT:    %[[C:.*]] = "ttir.concat"(%x, %[[E]]) <{dim = 0 : si32}>
// CHECK-NEXT:    %[[T:.*]] = "ttir.permute"(%[[C]]) <{permutation = array<i64: 1, 0>}>
// CHECK-NEXT:    %[[O:.*]] = "ttir.full"() <{fill_value = 1.000000e+00 : f32, shape = array<i32: 1, 8>}>
// CHECK-NEXT:    %[[B:.*]] = "ttir.broadcast"(%[[O]]) <{broadcast_dimensions = array<i64: 6, 1>}>
// CHECK-NEXT:    %{{.*}} = "ttir.multiply"(%[[T]], %[[B]])
// CHECK-NEXT:    func.return

// What torch knows simpler operators for is decomposed, if all of them convert.
func.func @decomposed(%x : tensor<4xf32>) -> tensor<4xf32> {
  %0 = aten.call "aten.square.default"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}
// CHECK-LABEL: func.func @decomposed
// CHECK-NEXT:    %{{.*}} = "ttir.multiply"(%x, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    func.return

// What does not convert stays, with the condition that does not hold; nothing half-converted is left behind.
func.func @stays(%x : tensor<4xi32>, %f : tensor<4xf32>) -> (tensor<i32>, tensor<0xf32>, tensor<4xf32>) {
  %0 = aten.call "aten.max.default"(%x) : (tensor<4xi32>) -> tensor<i32>
  %1 = aten.call "aten.slice.Tensor"(%f, 0 : i64, 3 : i64, 1 : i64) : (tensor<4xf32>) -> tensor<0xf32>
  %2 = aten.call "aten.cumsum.default"(%f, 0 : i64) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %0, %1, %2 : tensor<i32>, tensor<0xf32>, tensor<4xf32>
}
// CHECK-LABEL: func.func @stays
// CHECK-NEXT:    %0 = aten.call "aten.max.default"(%x) {tilewright.declined = ["dtype = i32, not a float type"]}
// CHECK-NEXT:    %1 = aten.call "aten.slice.Tensor"(%f, 0 : i64, 3 : i64, 1 : i64) {tilewright.declined = ["an empty slice [3:1]"]}
// CHECK-NEXT:    %2 = aten.call "aten.cumsum.default"(%f, 0 : i64) : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT:    func.return %0, %1, %2

// Private functions are bodies of higher-order operators, which torch runs: they stay as they are.
func.func private @body(%x : tensor<4xf32>) -> tensor<4xf32> {
  %0 = aten.call "aten.relu.default"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  func.return %0 : tensor<4xf32>
}
// CHECK-LABEL: func.func private @body
// CHECK-NEXT:    %{{.*}} = aten.call "aten.relu.default"
