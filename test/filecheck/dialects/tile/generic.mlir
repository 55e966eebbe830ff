// RUN: tt-opt %s --print-op-generic | filecheck %s
// RUN: tt-opt %s --print-op-generic | tt-opt --print-op-generic | filecheck %s

// The generic form names every property.

!x = tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[32, 32], pad = undef, dram>>

tile.queue queue @q entries = 1 : i64 grid = [1, 1] dram at [0, 64] : !x
tile.epoch @e chip = 0 : i64 index = 1 : i64 {
  %x = tile.pop @q keep : !x
  %y = tile.matmul %x, %x transposed, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> at <origin = [0, 0], grid = [1, 1], t = 1, mblock = [1, 1], ublock = [1, 1], m_k = 1, u_kt = 1, buffers = 2, resident = [], l1 = 8192> : !x, !x -> !x
  tile.push %y to @q : !x
}
tile.program @p(%x : tensor<32x32xf32>) {
  tile.execute @e
  tile.return
}
// CHECK:      "tile.queue"() <{kind = #tile<queue_kind queue>, sym_name = "q", entries = 1 : i64, grid = #tile.ints[1, 1], memory = #tile<memory dram>, allocation = #tile.ints[0, 64], entry = [[T:tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<.32, 32., pad = undef, dram>>]]}> : () -> ()
// CHECK-NEXT: "tile.epoch"() <{sym_name = "e", chip = 0 : i64, index = 1 : i64}> ({
// CHECK-NEXT:   %x = "tile.pop"() <{queue = @q, keep}> : () -> [[T]]
// CHECK-NEXT:   %y = "tile.matmul"(%x, %x) <{transpose_in1, precision = #tile.precision<accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer>, placement = #tile.placement<origin = [0, 0], grid = [1, 1], t = 1, mblock = [1, 1], ublock = [1, 1], m_k = 1, u_kt = 1, buffers = 2, resident = [], l1 = 8192>, operandSegmentSizes = array<i32: 1, 1, 0>}> : ([[T]], [[T]]) -> [[T]]
// CHECK-NEXT:   "tile.push"(%y) <{queue = @q}> : ([[T]]) -> ()
// CHECK-NEXT: }) : () -> ()
// CHECK-NEXT: "tile.program"() <{sym_name = "p", function_type = (tensor<32x32xf32>) -> ()}> ({
// CHECK-NEXT: ^bb0(%x: tensor<32x32xf32>):
// CHECK-NEXT:   "tile.execute"() <{epoch = @e}> : () -> ()
// CHECK-NEXT:   "tile.return"() : () -> ()
// CHECK-NEXT: }) : () -> ()
