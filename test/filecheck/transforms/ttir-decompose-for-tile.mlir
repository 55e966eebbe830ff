// RUN: tt-opt %s -p ttir-decompose-for-tile | filecheck %s

// A causal attention gets its mask: row >= column is kept, the rest is -infinity.
func.func @causal(%q : tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %0 = "ttir.scaled_dot_product_attention"(%q, %q, %q) <{is_causal = true, scale = 0.5 : f32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}> : (tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %0 : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @causal
// CHECK-NEXT:    %[[ROW:.*]] = "ttir.arange"() <{arange_dimension = 2 : i64, end = 4 : si64, start = 0 : si64, step = 1 : si64}> : () -> tensor<1x1x4x1xsi32>
// CHECK-NEXT:    %[[COL:.*]] = "ttir.arange"() <{arange_dimension = 3 : i64, end = 4 : si64, start = 0 : si64, step = 1 : si64}> : () -> tensor<1x1x1x4xsi32>
// CHECK-NEXT:    %[[SEEN:.*]] = "ttir.ge"(%[[ROW]], %[[COL]])
// CHECK-NEXT:    %[[KEEP:.*]] = "ttir.full"() <{fill_value = 0.000000e+00 : f32
// CHECK-NEXT:    %[[DROP:.*]] = "ttir.full"() <{fill_value = 0xFF800000 : f32
// CHECK-NEXT:    %[[MASK:.*]] = "ttir.where"(%[[SEEN]], %[[KEEP]], %[[DROP]]) : {{.*}} -> tensor<1x1x4x4xf32>
// CHECK-NEXT:    %{{.*}} = "ttir.scaled_dot_product_attention"(%q, %q, %q, %[[MASK]]) <{is_causal = false, scale = 5.000000e-01 : f32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0>}>

// A sliding window is more than a causal mask.
func.func @window(%q : tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %0 = "ttir.scaled_dot_product_attention"(%q, %q, %q) <{is_causal = true, sliding_window_size = 2 : ui32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>}> : (tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %0 : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @window
// CHECK-NEXT:    %{{.*}} = "ttir.scaled_dot_product_attention"(%q, %q, %q) <{is_causal = true, sliding_window_size = 2 : ui32

// Parameters are transposed by an op of their own, which can be done once; what changes at each call is not.
func.func @weights(%x : tensor<4x8xf32>, %w : tensor<5x8xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>}, %b : tensor<5xf32>, %y : tensor<5x8xf32>) -> (tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>) {
  %0 = "ttir.linear"(%x, %w, %b) <{transpose_b = true}> : (tensor<4x8xf32>, tensor<5x8xf32>, tensor<5xf32>) -> tensor<4x5xf32>
  %1 = "ttir.matmul"(%x, %w) <{transpose_b = true}> : (tensor<4x8xf32>, tensor<5x8xf32>) -> tensor<4x5xf32>
  %2 = "ttir.matmul"(%x, %y) <{transpose_b = true}> : (tensor<4x8xf32>, tensor<5x8xf32>) -> tensor<4x5xf32>
  func.return %0, %1, %2 : tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>
}
// CHECK-LABEL: func.func @weights
// CHECK-NEXT:    %[[W:.*]] = "ttir.permute"(%w) <{permutation = array<i64: 1, 0>}> : (tensor<5x8xf32>) -> tensor<8x5xf32>
// CHECK-NEXT:    %{{.*}} = "ttir.linear"(%x, %[[W]], %b) <{transpose_a = false, transpose_b = false}>
// CHECK-NEXT:    %[[V:.*]] = "ttir.permute"(%w)
// CHECK-NEXT:    %{{.*}} = "ttir.matmul"(%x, %[[V]]) <{transpose_a = false, transpose_b = false}>
// CHECK-NEXT:    %{{.*}} = "ttir.matmul"(%x, %y) <{transpose_b = true, transpose_a = false}>

// A choice between two numbers is made before the condition is broadcast.
func.func @choice(%c : tensor<1x4xi1>, %x : tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %0 = "ttir.broadcast"(%c) <{broadcast_dimensions = array<i64: 4, 1>}> : (tensor<1x4xi1>) -> tensor<4x4xi1>
  %1 = "ttir.zeros"() <{shape = array<i32: 1, 1>}> : () -> tensor<1x1xf32>
  %2 = "ttir.ones"() <{shape = array<i32: 1>}> : () -> tensor<1xf32>
  %3 = "ttir.where"(%0, %1, %2) : (tensor<4x4xi1>, tensor<1x1xf32>, tensor<1xf32>) -> tensor<4x4xf32>
  %4 = "ttir.where"(%0, %x, %2) : (tensor<4x4xi1>, tensor<4x4xf32>, tensor<1xf32>) -> tensor<4x4xf32>
  func.return %3, %4 : tensor<4x4xf32>, tensor<4x4xf32>
}
// CHECK-LABEL: func.func @choice
// CHECK:         %[[SMALL:.*]] = "ttir.where"(%c, %{{.*}}, %{{.*}}) : (tensor<1x4xi1>, tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x4xf32>
// CHECK-NEXT:    %[[ONE:.*]] = "ttir.broadcast"(%[[SMALL]]) <{broadcast_dimensions = array<i64: 4, 1>}> : (tensor<1x4xf32>) -> tensor<4x4xf32>
// CHECK-NEXT:    %[[OTHER:.*]] = "ttir.where"(%{{.*}}, %x, %{{.*}}) : (tensor<4x4xi1>
// CHECK-NEXT:    func.return %[[ONE]], %[[OTHER]]

// A product over any dimensions becomes a matmul.
func.func @contraction(%x : tensor<4x8xf32>, %y : tensor<5x8xf32>) -> tensor<4x5xf32> {
  %0 = "ttir.dot_general"(%x, %y) <{batch_dims_lhs = array<i64>, contract_dims_lhs = array<i64: 1>, batch_dims_rhs = array<i64>, contract_dims_rhs = array<i64: 1>}> : (tensor<4x8xf32>, tensor<5x8xf32>) -> tensor<4x5xf32>
  func.return %0 : tensor<4x5xf32>
}
// CHECK-LABEL: func.func @contraction
// CHECK-NEXT:    %[[Y:.*]] = "ttir.permute"(%y) <{permutation = array<i64: 1, 0>}> : (tensor<5x8xf32>) -> tensor<8x5xf32>
// CHECK-NEXT:    %{{.*}} = "ttir.matmul"(%x, %[[Y]]) <{transpose_a = false, transpose_b = false}>

// A change of layout between tensors without one is a typecast.
func.func @layouts(%x : tensor<4x8xbf16>) -> tensor<4x8xf32> {
  %0 = ttir.empty() : tensor<4x8xf32>
  %1 = ttir.to_layout %x, %0 : tensor<4x8xbf16> into tensor<4x8xf32> -> tensor<4x8xf32>
  func.return %1 : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @layouts
// CHECK:         %[[CAST:.*]] = "ttir.typecast"(%x) <{conservative_folding = false}> : (tensor<4x8xbf16>) -> tensor<4x8xf32>
// CHECK-NEXT:    func.return %[[CAST]]
