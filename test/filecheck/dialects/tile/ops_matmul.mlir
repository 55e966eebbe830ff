// RUN: tt-opt %s | tt-opt | filecheck %s
// RUN: tt-opt %s --print-op-generic | tt-opt | filecheck %s

// Matrix products: batch dimensions broadcast, in1 may be read transposed, a bias is added before packing.

!a = tensor<2x1x3x!ttcore.tile<32x32, f32>, #tile.layout<[2, 20, 96], pad = 0.000000e+00, dram>>
!b = tensor<3x2x!ttcore.tile<32x32, tf32>, #tile.layout<[96, 40], pad = 0.000000e+00, dram>>
!n = tensor<2x2x3x!ttcore.tile<32x32, bfp_bf4>, #tile.layout<[2, 40, 96], pad = 0.000000e+00, dram>>
!v = tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[40], pad = undef, dram>>
!r = tensor<2x1x2x!ttcore.tile<32x32, bfp_bf8>, #tile.layout<[2, 20, 40], pad = undef, dram>>

func.func @matmul(%a : !a, %b : !b, %n : !n, %v : !v) {
  %0 = tile.matmul %a, %b, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !a, !b -> !r
  %1 = tile.matmul %a, %n transposed, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !a, !n -> !r
  %2 = tile.matmul %a, %b bias %v, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !a, !b, !v -> !r
  %3 = tile.matmul %a, %n bias %v transposed, <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> at <origin = [0, 0], grid = [2, 1], t = 1, mblock = [1, 1], ublock = [1, 2], m_k = 3, u_kt = 1, buffers = 1, resident = [1, 2], l1 = 65536> : !a, !n, !v -> !r
  func.return
}
// CHECK-LABEL: func.func @matmul(
// CHECK-NEXT{LITERAL}: %0 = tile.matmul %a, %b, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x3x!ttcore.tile<32x32, f32>, #tile.layout<[2, 20, 96], pad = 0.000000e+00, dram>>, tensor<3x2x!ttcore.tile<32x32, tf32>, #tile.layout<[96, 40], pad = 0.000000e+00, dram>> -> tensor<2x1x2x!ttcore.tile<32x32, bfp_bf8>, #tile.layout<[2, 20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %1 = tile.matmul %a, %n transposed, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x3x!ttcore.tile<32x32, f32>, #tile.layout<[2, 20, 96], pad = 0.000000e+00, dram>>, tensor<2x2x3x!ttcore.tile<32x32, bfp_bf4>, #tile.layout<[2, 40, 96], pad = 0.000000e+00, dram>> -> tensor<2x1x2x!ttcore.tile<32x32, bfp_bf8>, #tile.layout<[2, 20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %2 = tile.matmul %a, %b bias %v, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<2x1x3x!ttcore.tile<32x32, f32>, #tile.layout<[2, 20, 96], pad = 0.000000e+00, dram>>, tensor<3x2x!ttcore.tile<32x32, tf32>, #tile.layout<[96, 40], pad = 0.000000e+00, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[40], pad = undef, dram>> -> tensor<2x1x2x!ttcore.tile<32x32, bfp_bf8>, #tile.layout<[2, 20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %3 = tile.matmul %a, %n bias %v transposed, <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> at <origin = [0, 0], grid = [2, 1], t = 1, mblock = [1, 1], ublock = [1, 2], m_k = 3, u_kt = 1, buffers = 1, resident = [1, 2], l1 = 65536> : tensor<2x1x3x!ttcore.tile<32x32, f32>, #tile.layout<[2, 20, 96], pad = 0.000000e+00, dram>>, tensor<2x2x3x!ttcore.tile<32x32, bfp_bf4>, #tile.layout<[2, 40, 96], pad = 0.000000e+00, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[40], pad = undef, dram>> -> tensor<2x1x2x!ttcore.tile<32x32, bfp_bf8>, #tile.layout<[2, 20, 40], pad = undef, dram>>
// CHECK-NEXT: func.return
