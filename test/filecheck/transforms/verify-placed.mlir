// RUN: tt-opt %s -p verify-placed | filecheck %s
// RUN: tt-opt %s -p 'verify-placed{device=wormhole_n300}' | filecheck %s

// Every queue and epoch that is named exists, values are entries of their queues, cores, L1 and DRAM are the device's.
tile.queue queue @in entries = 1 : i64 grid = [1, 1] dram at [5, 805306368] : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = 0.0, dram>>
tile.queue queue @out entries = 1 : i64 grid = [1, 1] host at [0, 0] : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = undef, dram>>
tile.epoch @epoch chip = 0 : i64 index = 0 : i64 {
  %0 = tile.pop @in : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = 0.0, dram>>
  %1 = tile.exp %0, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> at <origin = [7, 7], grid = [1, 1], t = 1, mblock = [1, 1], ublock = [1, 1], m_k = 1, u_kt = 1, buffers = 2, resident = [], l1 = 8320> : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = 0.0, dram>> -> tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = undef, dram>>
  tile.push %1 to @out : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = undef, dram>>
}
tile.program @f(%x : tensor<4xf32>) -> tensor<4xf32> {
  %0 = tile.tilize %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<4xf32> -> tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = 0.0, dram>>
  tile.push %0 to @in : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = 0.0, dram>>
  tile.execute @epoch
  %1 = tile.pop @out : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = undef, dram>>
  %2 = tile.untilize %1 : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = undef, dram>> -> tensor<4xf32>
  tile.return %2 : tensor<4xf32>
}
// CHECK:      tile.queue queue @in
// CHECK:      tile.program @f
