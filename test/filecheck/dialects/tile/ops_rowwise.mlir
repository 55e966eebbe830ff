// RUN: tt-opt %s | tt-opt | filecheck %s
// RUN: tt-opt %s --print-op-generic | tt-opt | filecheck %s

// Reductions keep the dimensions that they reduce; softmax and layer_norm work along the last one.

!t = tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>>
!m = tensor<1x2x!ttcore.tile<32x32, f32>, #tile.layout<[1, 40], pad = undef, dram>>
!w = tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[40], pad = undef, dram>>
!r = tensor<2x1x1x!ttcore.tile<32x32, f32>, #tile.layout<[2, 20, 1], pad = undef, dram>>
!all = tensor<1x1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 1, 1], pad = undef, dram>>

func.func @reductions(%x : !t) {
  %0 = tile.reduce_sum %x dims = [2], <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !r
  %1 = tile.reduce_mean %x dims = [0, 1, 2], <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !all
  %2 = tile.reduce_max %x dims = [2], <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> : !t -> !r
  %3 = tile.reduce_min %x dims = [2], <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !r
  func.return
}
// CHECK-LABEL: func.func @reductions(
// CHECK-NEXT{LITERAL}: %0 = tile.reduce_sum %x dims = [2], <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> -> tensor<2x1x1x!ttcore.tile<32x32, f32>, #tile.layout<[2, 20, 1], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %1 = tile.reduce_mean %x dims = [0, 1, 2], <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> -> tensor<1x1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 1, 1], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %2 = tile.reduce_max %x dims = [2], <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> -> tensor<2x1x1x!ttcore.tile<32x32, f32>, #tile.layout<[2, 20, 1], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %3 = tile.reduce_min %x dims = [2], <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> -> tensor<2x1x1x!ttcore.tile<32x32, f32>, #tile.layout<[2, 20, 1], pad = undef, dram>>
// CHECK-NEXT: func.return

func.func @rows(%x : !t, %m : !m, %w : !w) {
  %0 = tile.softmax %x scale = 1.000000e+00 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %1 = tile.softmax %x mask %m scale = 0.176776692 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t, !m -> !t
  %2 = tile.layer_norm %x epsilon = 1.000000e-12 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !t
  %3 = tile.layer_norm %x weight %w epsilon = 1.000000e-05 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t weight !w -> !t
  %4 = tile.layer_norm %x bias %w epsilon = 1.000000e-05 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t bias !w -> !t
  %5 = tile.layer_norm %x weight %w bias %w epsilon = 1.000000e-05 : f32, <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> : !t weight !w bias !w -> !t
  func.return
}
// CHECK-LABEL: func.func @rows(
// CHECK-NEXT{LITERAL}: %0 = tile.softmax %x scale = 1.000000e+00 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> -> tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %1 = tile.softmax %x mask %m scale = 0.176776692 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, f32>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %2 = tile.layer_norm %x epsilon = 1.000000e-12 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> -> tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %3 = tile.layer_norm %x weight %w epsilon = 1.000000e-05 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> weight tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[40], pad = undef, dram>> -> tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %4 = tile.layer_norm %x bias %w epsilon = 1.000000e-05 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> bias tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[40], pad = undef, dram>> -> tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %5 = tile.layer_norm %x weight %w bias %w epsilon = 1.000000e-05 : f32, <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> weight tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[40], pad = undef, dram>> bias tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[40], pad = undef, dram>> -> tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>>
// CHECK-NEXT: func.return
