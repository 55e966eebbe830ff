// RUN: tt-opt %s | tt-opt | filecheck %s
// RUN: tt-opt %s --print-op-generic | tt-opt | filecheck %s

// Kernels that move data write the padding that their result's layout names.

!t = tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>>
!z = tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = 0.000000e+00, dram>>
!flat = tensor<2x2x!ttcore.tile<32x32, bf16>, #tile.layout<[40, 40], pad = 0.000000e+00, dram>>
!big = tensor<3x2x1x2x!ttcore.tile<32x32, f32>, #tile.layout<[3, 2, 20, 40], pad = undef, dram>>
!p = tensor<40x1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[40, 2, 20], pad = undef, dram>>
!s = tensor<1x1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 10, 3], pad = undef, dram>>
!cat = tensor<2x2x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 40, 40], pad = undef, dram>>
!h = tensor<2x4x1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 4, 20, 10], pad = undef, dram>>
!i = tensor<1x1x!ttcore.tile<32x32, u16>, #tile.layout<[3], pad = undef, dram>>
!e = tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[3, 40], pad = neg_inf, dram>>
!table = tensor<2x2x!ttcore.tile<32x32, bf16>, #tile.layout<[40, 40], pad = undef, dram>>

func.func @movement(%x : !t, %h : !h) {
  %0 = tile.reshape %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !flat
  %1 = tile.broadcast %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !big
  %2 = tile.fill_pad %x value = 0.000000e+00 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !z
  %3 = tile.permute %x order = [2, 0, 1], <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !p
  %4 = tile.slice %x from [1, 0, 30] to [2, 20, 39] by [1, 2, 4], <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !s
  %5 = tile.concat %x, %x dim = 1 : i64, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t, !t -> !cat
  %6 = tile.hslice %x count = 4 : i64, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t -> !h
  %7 = tile.hstack %h, <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> : !h -> !t
  func.return
}
// CHECK-LABEL: func.func @movement(
// CHECK-NEXT{LITERAL}: %0 = tile.reshape %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> -> tensor<2x2x!ttcore.tile<32x32, bf16>, #tile.layout<[40, 40], pad = 0.000000e+00, dram>>
// CHECK-NEXT{LITERAL}: %1 = tile.broadcast %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> -> tensor<3x2x1x2x!ttcore.tile<32x32, f32>, #tile.layout<[3, 2, 20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %2 = tile.fill_pad %x value = 0.000000e+00 : f32, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> -> tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = 0.000000e+00, dram>>
// CHECK-NEXT{LITERAL}: %3 = tile.permute %x order = [2, 0, 1], <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> -> tensor<40x1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[40, 2, 20], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %4 = tile.slice %x from [1, 0, 30] to [2, 20, 39] by [1, 2, 4], <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> -> tensor<1x1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 10, 3], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %5 = tile.concat %x, %x dim = 1 : i64, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>>, tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> -> tensor<2x2x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 40, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %6 = tile.hslice %x count = 4 : i64, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>> -> tensor<2x4x1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 4, 20, 10], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %7 = tile.hstack %h, <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> : tensor<2x4x1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 4, 20, 10], pad = undef, dram>> -> tensor<2x1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[2, 20, 40], pad = undef, dram>>
// CHECK-NEXT: func.return

func.func @embedding(%i : !i, %w : !table) {
  %0 = tile.embedding %i, %w, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !i, !table -> !e
  func.return
}
// CHECK-LABEL: func.func @embedding(
// CHECK-NEXT{LITERAL}: %0 = tile.embedding %i, %w, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x1x!ttcore.tile<32x32, u16>, #tile.layout<[3], pad = undef, dram>>, tensor<2x2x!ttcore.tile<32x32, bf16>, #tile.layout<[40, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[3, 40], pad = neg_inf, dram>>
// CHECK-NEXT: func.return
