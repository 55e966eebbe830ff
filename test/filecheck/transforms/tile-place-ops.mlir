// RUN: tt-opt %s -p ttir-to-tile,tile-assign-formats,ttcore-hoist-const-eval,tile-place-ops,verify-placed | filecheck %s
// RUN: not tt-opt %s -p 'tile-place-ops{device=wormhole_n15}' 2>&1 | filecheck %s --check-prefix=DEVICE

// DEVICE: error: {{.*}}wormhole_n15
// DEVICE: did you mean {{.*}}'wormhole_n150'

func.func @model(%x : tensor<64x96xf32>, %w : tensor<96x64xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>, ttir.name = "fc/weight"}) -> (tensor<64x64xf32>, tensor<64x64xf32>) {
  %0 = "ttir.matmul"(%x, %w) : (tensor<64x96xf32>, tensor<96x64xf32>) -> tensor<64x64xf32>
  %1 = func.call @host(%0) : (tensor<64x64xf32>) -> tensor<64x64xf32>
  %2 = "ttir.add"(%0, %1) : (tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<64x64xf32>
  func.return %2, %1 : tensor<64x64xf32>, tensor<64x64xf32>
}
func.func private @host(tensor<64x64xf32>) -> tensor<64x64xf32> attributes {tt.function_type = "forward_cpu_declaration"}

// The device is on record. Const-eval functions stay functions.
// CHECK:      builtin.module attributes {tilewright.device = "wormhole_n150"} {
// CHECK-NEXT:   func.func private @model_const_eval_0

// A queue for what comes from the host, named after its argument, a ram for a parameter; rows spread over channels.
// CHECK:        tile.queue ram @fc_weight entries = 1 : i64 grid = [3, 1] dram at [0, 805306368, 1, 805306368, 2, 805306368] : tensor<3x2x!ttcore.tile<32x32, bf16>
// CHECK-NEXT:   tile.queue queue @input_0 entries = 1 : i64 grid = [2, 1] dram at [3, 805306368, 4, 805306368]
// What a host call reads and a later epoch too is in DRAM, on as many buffers as its epoch has cores.
// CHECK-NEXT:   tile.queue queue @e2e_matmul_0 entries = 1 : i64 grid = [2, 2] dram at
// CHECK-NEXT:   tile.queue queue @host_{{.*}} entries = 1 : i64
// What only the host reads is on the host.
// CHECK-NEXT:   tile.queue queue @e2e_add_1 entries = 1 : i64 grid = [2, 2] host at [0, 0, 0, 0, 0, 0, 0, 0]

// One kernel an epoch, on the largest core grid that divides its blocks; no SSA value enters or leaves.
// CHECK-NEXT:   tile.epoch @model_epoch_0 chip = 0 : i64 index = 0 : i64 {
// CHECK-NEXT:     %[[X:.*]] = tile.pop @input_0 :
// CHECK-NEXT:     %[[W:.*]] = tile.pop @fc_weight :
// CHECK-NEXT:     %[[M:.*]] = tile.matmul %[[X]], %[[W]], {{.*}} at <origin = [0, 0], grid = [2, 2], t = 1, mblock = [1, 1], ublock = [1, 1], m_k = 1, u_kt = 3, buffers = 2, resident = {{.*}}, l1 = {{[0-9]+}}>
// CHECK-NEXT:     tile.push %[[M]] to @e2e_matmul_0
// CHECK-NEXT:   }
// CHECK-NEXT:   tile.epoch @model_epoch_1 chip = 0 : i64 index = 1 : i64 {

// The program fills queues, executes epochs and calls the host between them; the last reader takes the entry.
// CHECK:        tile.program @model(%x: tensor<64x96xf32>, %w: tensor<96x64xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>, ttir.name = "fc/weight"}) -> (tensor<64x64xf32>, tensor<64x64xf32>) {
// CHECK:          tile.push %{{.*}} to @fc_weight
// CHECK:          tile.push %{{.*}} to @input_0
// CHECK-NEXT:     tile.execute @model_epoch_0
// CHECK-NEXT:     %[[POP:.*]] = tile.pop @e2e_matmul_0 keep :
// CHECK-NEXT:     %[[ROWS:.*]] = tile.untilize %[[POP]]
// CHECK-NEXT:     %[[HOST:.*]] = func.call @host(%[[ROWS]])
// CHECK-NEXT:     %[[TILES:.*]] = tile.tilize %[[HOST]]
// CHECK-NEXT:     tile.push %[[TILES]] to @host
// CHECK-NEXT:     tile.execute @model_epoch_1
// CHECK-NEXT:     %[[SUM:.*]] = tile.pop @e2e_add_1 :
// CHECK-NEXT:     %[[OUT:.*]] = tile.untilize %[[SUM]]
// CHECK-NEXT:     tile.return %[[OUT]], %[[HOST]]
