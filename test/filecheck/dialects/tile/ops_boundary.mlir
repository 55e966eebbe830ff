// RUN: tt-opt %s | tt-opt | filecheck %s
// RUN: tt-opt %s --print-op-generic | tt-opt | filecheck %s

// Between row-major tensors and tiles.

!t = tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = 0.000000e+00, l1>>
!i = tensor<1x1x!ttcore.tile<32x32, si32>, #tile.layout<[], pad = -1.000000e+00, host>>

func.func @boundary(%x : tensor<20x40xf32>, %i : tensor<i64>) {
  %0 = tile.tilize %x, <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> : tensor<20x40xf32> -> !t
  %1 = tile.untilize %0 : !t -> tensor<20x40xf16>
  %2 = tile.tilize %i, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<i64> -> !i
  %3 = tile.untilize %2 {kept} : !i -> tensor<i1>
  func.return
}
// CHECK-LABEL: func.func @boundary(
// CHECK-NEXT{LITERAL}: %0 = tile.tilize %x, <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> : tensor<20x40xf32> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = 0.000000e+00, l1>>
// CHECK-NEXT{LITERAL}: %1 = tile.untilize %0 : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = 0.000000e+00, l1>> -> tensor<20x40xf16>
// CHECK-NEXT{LITERAL}: %2 = tile.tilize %i, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<i64> -> tensor<1x1x!ttcore.tile<32x32, si32>, #tile.layout<[], pad = -1.000000e+00, host>>
// CHECK-NEXT{LITERAL}: %3 = tile.untilize %2 {kept} : tensor<1x1x!ttcore.tile<32x32, si32>, #tile.layout<[], pad = -1.000000e+00, host>> -> tensor<i1>
// CHECK-NEXT: func.return
