// RUN: tt-opt %s -p ttir-to-tile,verify-tile | filecheck %s

// Tensors are tilized where they first meet a kernel, and untilized where they leave; a bias goes into the matmul.
func.func @linear(%x : tensor<40x70xf32>, %w : tensor<50x70xf32>, %b : tensor<50xf32>) -> tensor<40x50xf32> {
  %0 = "ttir.linear"(%x, %w, %b) <{transpose_b = true}> : (tensor<40x70xf32>, tensor<50x70xf32>, tensor<50xf32>) -> tensor<40x50xf32>
  %1 = "ttir.gelu"(%0) : (tensor<40x50xf32>) -> tensor<40x50xf32>
  func.return %1 : tensor<40x50xf32>
}
// CHECK-LABEL: func.func @linear
// CHECK-NEXT:    %[[X:.*]] = tile.tilize %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<40x70xf32> -> tensor<2x3x!ttcore.tile<32x32, f32>, #tile.layout<[40, 70], pad = 0.000000e+00, dram>>
// CHECK-NEXT:    %[[W:.*]] = tile.tilize %w
// CHECK-NEXT:    %[[B:.*]] = tile.tilize %b, {{.*}} -> tensor<1x2x!ttcore.tile<32x32, f32>, #tile.layout<[50], pad = 0.000000e+00, dram>>
// CHECK-NEXT:    %[[M:.*]] = tile.matmul %[[X]], %[[W]] bias %[[B]] transposed, {{.*}} -> tensor<2x2x!ttcore.tile<32x32, f32>, #tile.layout<[40, 50], pad = undef, dram>>
// CHECK-NEXT:    %[[G:.*]] = tile.gelu %[[M]]
// CHECK-NEXT:    %[[R:.*]] = tile.untilize %[[G]]
// CHECK-NEXT:    func.return %[[R]] : tensor<40x50xf32>

// Padding never counts: before a sum over an inner dimension that is no multiple of 32 it is made zero.
func.func @padding(%x : tensor<40x40xf32>) -> tensor<40x40xf32> {
  %0 = "ttir.exp"(%x) : (tensor<40x40xf32>) -> tensor<40x40xf32>
  %1 = "ttir.matmul"(%0, %0) : (tensor<40x40xf32>, tensor<40x40xf32>) -> tensor<40x40xf32>
  func.return %1 : tensor<40x40xf32>
}
// CHECK-LABEL: func.func @padding
// CHECK:         %[[E:.*]] = tile.exp
// CHECK-NEXT:    %[[A:.*]] = tile.fill_pad %[[E]] value = 0.000000e+00 : f32
// CHECK-NEXT:    %[[C:.*]] = tile.fill_pad %[[E]]
// CHECK-NEXT:    %{{.*}} = tile.matmul %[[A]], %[[C]]

// Scale and mask are part of the softmax; heads are split and joined by one kernel each.
func.func @attention(%x : tensor<1x40x64xf32>, %m : tensor<1x1x40x40xf32>) -> tensor<1x40x64xf32> {
  %0 = "ttir.reshape"(%x) <{shape = [1 : i32, 40 : i32, 2 : i32, 32 : i32]}> : (tensor<1x40x64xf32>) -> tensor<1x40x2x32xf32>
  %1 = "ttir.permute"(%0) <{permutation = array<i64: 0, 2, 1, 3>}> : (tensor<1x40x2x32xf32>) -> tensor<1x2x40x32xf32>
  %2 = "ttir.scaled_dot_product_attention"(%1, %1, %1, %m) <{is_causal = false, scale = 0.25 : f32, operandSegmentSizes = array<i32: 1, 1, 1, 1, 0>}> : (tensor<1x2x40x32xf32>, tensor<1x2x40x32xf32>, tensor<1x2x40x32xf32>, tensor<1x1x40x40xf32>) -> tensor<1x2x40x32xf32>
  %3 = "ttir.permute"(%2) <{permutation = array<i64: 0, 2, 1, 3>}> : (tensor<1x2x40x32xf32>) -> tensor<1x40x2x32xf32>
  %4 = "ttir.reshape"(%3) <{shape = [1 : i32, 40 : i32, 64 : i32]}> : (tensor<1x40x2x32xf32>) -> tensor<1x40x64xf32>
  func.return %4 : tensor<1x40x64xf32>
}
// CHECK-LABEL: func.func @attention
// CHECK:         %[[H:.*]] = tile.hslice
// CHECK-NEXT:    %[[S:.*]] = tile.matmul %[[H]], %[[H]] transposed
// CHECK-NEXT:    %[[M:.*]] = tile.tilize %m
// CHECK-NEXT:    %[[P:.*]] = tile.softmax %[[S]] mask %[[M]] scale = 2.500000e-01 : f32
// CHECK-NEXT:    %[[Z:.*]] = tile.fill_pad %[[P]]
// CHECK:         %[[O:.*]] = tile.matmul
// CHECK-NEXT:    %[[J:.*]] = tile.hstack %[[O]]
// CHECK-NEXT:    %[[R:.*]] = tile.untilize %[[J]]

// Booleans are 0 and 1 in a float format; calls of the host and loads of cached values stay row-major.
func.func @booleans(%x : tensor<4x8xf32>, %i : tensor<4x8xi64>) -> (tensor<4x8xi1>, tensor<4x8xf32>) {
  %0 = "ttir.logical_and"(%x, %i) : (tensor<4x8xf32>, tensor<4x8xi64>) -> tensor<4x8xi1>
  %1 = func.call @host(%0) : (tensor<4x8xi1>) -> tensor<4x8xf32>
  func.return %0, %1 : tensor<4x8xi1>, tensor<4x8xf32>
}
func.func private @host(tensor<4x8xi1>) -> tensor<4x8xf32> attributes {tt.function_type = "forward_cpu_declaration"}
// CHECK-LABEL: func.func @booleans
// CHECK:         tile.logical_not
// CHECK:         %[[I:.*]] = tile.tilize %i, {{.*}} -> tensor<1x1x!ttcore.tile<32x32, si32>
// CHECK:         %[[A:.*]] = tile.minimum {{.*}} -> tensor<1x1x!ttcore.tile<32x32, f32>
// CHECK-NEXT:    %[[B:.*]] = tile.untilize %[[A]] : {{.*}} -> tensor<4x8xi1>
// CHECK-NEXT:    %[[C:.*]] = func.call @host(%[[B]])
// CHECK-NEXT:    func.return %[[B]], %[[C]]
