// RUN: tt-opt --allow-unregistered-dialect %s | tt-opt --allow-unregistered-dialect | filecheck %s
// RUN: tt-opt --allow-unregistered-dialect %s --print-op-generic | tt-opt --allow-unregistered-dialect | filecheck %s

// The layout of a tensor of tiles, and attributes outside of ops.

"test.formats"() {
  f32 = tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[1], pad = undef, dram>>,
  tf32 = tensor<1x1x!ttcore.tile<32x32, tf32>, #tile.layout<[1], pad = undef, dram>>,
  bf16 = tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[1], pad = undef, dram>>,
  f16 = tensor<1x1x!ttcore.tile<32x32, f16>, #tile.layout<[1], pad = undef, dram>>,
  lf8 = tensor<1x1x!ttcore.tile<32x32, lf8>, #tile.layout<[1], pad = undef, dram>>,
  fp8_e4m3 = tensor<1x1x!ttcore.tile<32x32, fp8_e4m3>, #tile.layout<[1], pad = undef, dram>>,
  bfp_bf8 = tensor<1x1x!ttcore.tile<32x32, bfp_bf8>, #tile.layout<[1], pad = undef, dram>>,
  bfp_bf4 = tensor<1x1x!ttcore.tile<32x32, bfp_bf4>, #tile.layout<[1], pad = undef, dram>>,
  bfp_bf2 = tensor<1x1x!ttcore.tile<32x32, bfp_bf2>, #tile.layout<[1], pad = undef, dram>>,
  bfp_f8 = tensor<1x1x!ttcore.tile<32x32, bfp_f8>, #tile.layout<[1], pad = undef, dram>>,
  bfp_f4 = tensor<1x1x!ttcore.tile<32x32, bfp_f4>, #tile.layout<[1], pad = undef, dram>>,
  bfp_f2 = tensor<1x1x!ttcore.tile<32x32, bfp_f2>, #tile.layout<[1], pad = undef, dram>>,
  si32 = tensor<1x1x!ttcore.tile<32x32, si32>, #tile.layout<[1], pad = undef, dram>>,
  u32 = tensor<1x1x!ttcore.tile<32x32, u32>, #tile.layout<[1], pad = undef, dram>>,
  u16 = tensor<1x1x!ttcore.tile<32x32, u16>, #tile.layout<[1], pad = undef, dram>>,
  u8 = tensor<1x1x!ttcore.tile<32x32, u8>, #tile.layout<[1], pad = undef, dram>>,
  si8 = tensor<1x1x!ttcore.tile<32x32, si8>, #tile.layout<[1], pad = undef, dram>>
} : () -> ()
// CHECK{LITERAL}: f32 = tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: tf32 = tensor<1x1x!ttcore.tile<32x32, tf32>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: bf16 = tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: f16 = tensor<1x1x!ttcore.tile<32x32, f16>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: lf8 = tensor<1x1x!ttcore.tile<32x32, lf8>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: fp8_e4m3 = tensor<1x1x!ttcore.tile<32x32, fp8_e4m3>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: bfp_bf8 = tensor<1x1x!ttcore.tile<32x32, bfp_bf8>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: bfp_bf4 = tensor<1x1x!ttcore.tile<32x32, bfp_bf4>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: bfp_bf2 = tensor<1x1x!ttcore.tile<32x32, bfp_bf2>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: bfp_f8 = tensor<1x1x!ttcore.tile<32x32, bfp_f8>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: bfp_f4 = tensor<1x1x!ttcore.tile<32x32, bfp_f4>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: bfp_f2 = tensor<1x1x!ttcore.tile<32x32, bfp_f2>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: si32 = tensor<1x1x!ttcore.tile<32x32, si32>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: u32 = tensor<1x1x!ttcore.tile<32x32, u32>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: u16 = tensor<1x1x!ttcore.tile<32x32, u16>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: u8 = tensor<1x1x!ttcore.tile<32x32, u8>, #tile.layout<[1], pad = undef, dram>>
// CHECK-SAME{LITERAL}: si8 = tensor<1x1x!ttcore.tile<32x32, si8>, #tile.layout<[1], pad = undef, dram>>

"test.layouts"() {
  scalar = tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[], pad = inf, host>>,
  vector = tensor<1x2x!ttcore.tile<32x32, f32>, #tile.layout<[40], pad = neg_inf, l1>>,
  batch = tensor<3x2x1x2x!ttcore.tile<32x32, f32>, #tile.layout<[3, 2, 20, 40], pad = -1.500000e+00, dram>>,
  short = tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[1], pad = 0.333333343, dram>>,
  whole = tensor<1x1x!ttcore.tile<32x32, si32>, #tile.layout<[1], pad = 1.67772160e+07, dram>>,
  large = tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[1], pad = 3.40282347e+38, dram>>
} : () -> ()
// CHECK{LITERAL}: scalar = tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[], pad = inf, host>>
// CHECK-SAME{LITERAL}: vector = tensor<1x2x!ttcore.tile<32x32, f32>, #tile.layout<[40], pad = neg_inf, l1>>
// CHECK-SAME{LITERAL}: batch = tensor<3x2x1x2x!ttcore.tile<32x32, f32>, #tile.layout<[3, 2, 20, 40], pad = -1.500000e+00, dram>>
// CHECK-SAME{LITERAL}: short = tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[1], pad = 3.33333343e-01, dram>>
// CHECK-SAME{LITERAL}: whole = tensor<1x1x!ttcore.tile<32x32, si32>, #tile.layout<[1], pad = 1.67772160e+07, dram>>
// CHECK-SAME{LITERAL}: large = tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[1], pad = 3.40282347e+38, dram>>

"test.attributes"() {
  attributes = [#tile.ints[], #tile.ints[-1, 2], #tile<memory host>, #tile<queue_kind ram>],
  precision = #tile.precision<accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden>,
  placement = #tile.placement<origin = [0, 0], grid = [2, 1], t = 1, mblock = [1, 1], ublock = [1, 2], m_k = 3, u_kt = 1, buffers = 1, resident = [1, 2], l1 = 65536>
} : () -> ()
// CHECK{LITERAL}: attributes = [#tile.ints[], #tile.ints[-1, 2], #tile<memory host>, #tile<queue_kind ram>]
// CHECK-SAME{LITERAL}: precision = #tile.precision<accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden>
// CHECK-SAME{LITERAL}: placement = #tile.placement<origin = [0, 0], grid = [2, 1], t = 1, mblock = [1, 1], ublock = [1, 2], m_k = 3, u_kt = 1, buffers = 1, resident = [1, 2], l1 = 65536>
