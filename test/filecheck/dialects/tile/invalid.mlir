// RUN: not tt-opt %s --split-input-file 2>&1 | filecheck %s

// One rule of each kind; test/dialects/test_tile_verifiers.py has all of them.

func.func @layout(%x : tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[1, 40], pad = undef, dram>>) {
  %0 = tile.exp %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, f32>, #tile.layout<[1, 40], pad = undef, dram>>
  func.return
}
// CHECK: error: 'tile.exp' op operand 0: (1, 1) tiles cannot hold the logical shape (1, 40): expected (1, 2)

// -----

func.func @padding(%x : tensor<1x2x!ttcore.tile<32x32, f32>, #tile.layout<[32, 40], pad = undef, dram>>, %y : tensor<2x1x!ttcore.tile<32x32, f32>, #tile.layout<[40, 32], pad = 0.0, dram>>) {
  %0 = tile.matmul %x, %y, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, f32>, #tile.layout<[32, 40], pad = undef, dram>>, tensor<2x1x!ttcore.tile<32x32, f32>, #tile.layout<[40, 32], pad = 0.0, dram>> -> tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[32, 32], pad = undef, dram>>
  func.return
}
// CHECK: error: 'tile.matmul' op the inner dimension is padded, so the padding of in0 must be 0, found undef

// -----

func.func private @precision() attributes {precision = #tile.precision<accumulate = f32, intermediate = f32, fidelity = HiFi5, rounding = packer>}
// CHECK: tile.precision: fidelity 'HiFi5' does not exist; did you mean 'HiFi4' or 'HiFi3' or 'HiFi2'?

// -----

func.func private @memory(tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[1], pad = undef, sram>>)
// CHECK: Expected `dram`, `l1`, or `host`

// -----

tile.queue queue @q entries = 0 : i64 grid = [1, 1] dram at [0, 64] : tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[1], pad = undef, dram>>
// CHECK: error: 'tile.queue' op @q: entries must be at least 1, found 0

// -----

tile.program @p(%x : i64) -> i32 {
  tile.return %x : i64
}
// CHECK: error: 'tile.program' op @p: tile.return gives the types (i64), expected (i32)
