// RUN: tt-opt %s | tt-opt | filecheck %s
// RUN: tt-opt %s --print-op-generic | tt-opt | filecheck %s

// The placed level: queues, epochs, and the program that runs them.

!z = tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = 0.000000e+00, dram>>
!t = tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = undef, dram>>

tile.queue ram @model.weight entries = 1 : i64 grid = [1, 1] dram at [5, 805306368] : !z
tile.queue queue @input entries = 2 : i64 grid = [2, 1] l1 at [0, 64, 1, 96] {kept} : !z
tile.queue queue @output entries = 1 : i64 grid = [1, 1] host at [0, 0] : !t
tile.epoch @forward_epoch_0 chip = 0 : i64 index = 0 : i64 attributes {kept} {
  %0 = tile.pop @input keep : !z
  %1 = tile.pop @model.weight : !z
  %2 = tile.add %0, %1, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> at <origin = [0, 0], grid = [1, 1], t = 1, mblock = [1, 1], ublock = [1, 1], m_k = 1, u_kt = 1, buffers = 2, resident = [], l1 = 4096> : !z, !z -> !t
  tile.push %2 to @output : !t
}
tile.program @forward(%x : tensor<32x30xf32> {ttir.name = "x"}, %w : !z) -> (tensor<20x30xf32> {kept}) attributes {also_kept} {
  tile.push %w to @model.weight : !z
  tile.execute @forward_epoch_0
  %0 = tile.pop @output : !t
  %1 = tile.untilize %0 : !t -> tensor<20x30xf32>
  tile.return %1 : tensor<20x30xf32>
}
tile.program @nothing() {
  tile.return
}
// CHECK{LITERAL}: tile.queue ram @model.weight entries = 1 : i64 grid = [1, 1] dram at [5, 805306368] : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = 0.000000e+00, dram>>
// CHECK-NEXT{LITERAL}: tile.queue queue @input entries = 2 : i64 grid = [2, 1] l1 at [0, 64, 1, 96] {kept} : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = 0.000000e+00, dram>>
// CHECK-NEXT{LITERAL}: tile.queue queue @output entries = 1 : i64 grid = [1, 1] host at [0, 0] : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: tile.epoch @forward_epoch_0 chip = 0 : i64 index = 0 : i64 attributes {kept} {
// CHECK-NEXT{LITERAL}: %0 = tile.pop @input keep : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = 0.000000e+00, dram>>
// CHECK-NEXT{LITERAL}: %1 = tile.pop @model.weight : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = 0.000000e+00, dram>>
// CHECK-NEXT{LITERAL}: %2 = tile.add %0, %1, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> at <origin = [0, 0], grid = [1, 1], t = 1, mblock = [1, 1], ublock = [1, 1], m_k = 1, u_kt = 1, buffers = 2, resident = [], l1 = 4096> : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = 0.000000e+00, dram>>, tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = 0.000000e+00, dram>> -> tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: tile.push %2 to @output : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: }
// CHECK-NEXT{LITERAL}: tile.program @forward(%x: tensor<32x30xf32> {ttir.name = "x"}, %w: tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = 0.000000e+00, dram>>) -> (tensor<20x30xf32> {kept}) attributes {also_kept} {
// CHECK-NEXT{LITERAL}: tile.push %w to @model.weight : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = 0.000000e+00, dram>>
// CHECK-NEXT{LITERAL}: tile.execute @forward_epoch_0
// CHECK-NEXT{LITERAL}: %0 = tile.pop @output : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %1 = tile.untilize %0 : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 30], pad = undef, dram>> -> tensor<20x30xf32>
// CHECK-NEXT{LITERAL}: tile.return %1 : tensor<20x30xf32>
// CHECK-NEXT{LITERAL}: }
// CHECK-NEXT{LITERAL}: tile.program @nothing() {
// CHECK-NEXT{LITERAL}: tile.return
// CHECK-NEXT{LITERAL}: }
