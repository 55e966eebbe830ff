// RUN: tt-opt %s -p tilewright,verify-placed | filecheck %s
// RUN: tt-opt %s -p ttir-fold-constants,aten-to-ttir,verify-ttir | tt-opt -p tilewright,verify-placed | filecheck %s
// RUN: tt-opt %s -p 'tilewright{default-format=Bfp8_b parameter-format=Bfp4_b math-fidelity=LoFi accumulate-format=Float16_b rounding=golden device=blackhole_p150}' | filecheck %s --check-prefix=OPTIONS
// RUN: not tt-opt %s -p 'tilewright{default-format=Float17}' 2>&1 | filecheck %s --check-prefix=ERROR

// ERROR: error: {{.*}}Float17

// All levels in one: from operators, or from TTIR, where the first passes find nothing left to do.
func.func @model(%i : tensor<2x40xi64> {ttcore.argument_type = #ttcore.argument_type<input>, ttir.name = "ids"}, %t : tensor<100x64xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>, ttir.name = "table"}, %w : tensor<96x64xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>, ttir.name = "fc.weight"}, %b : tensor<96xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>, ttir.name = "fc.bias"}) -> tensor<2x40x96xf32> {
  %0 = aten.call "aten.arange.default"(40 : i64) : () -> tensor<40xi64>
  %1 = aten.call "aten.unsqueeze.default"(%0, 0 : i64) : (tensor<40xi64>) -> tensor<1x40xi64>
  %2 = aten.call "aten.embedding.default"(%t, %i) : (tensor<100x64xf32>, tensor<2x40xi64>) -> tensor<2x40x64xf32>
  %3 = aten.call "aten.embedding.default"(%t, %1) : (tensor<100x64xf32>, tensor<1x40xi64>) -> tensor<1x40x64xf32>
  %4 = aten.call "aten.add.Tensor"(%2, %3) : (tensor<2x40x64xf32>, tensor<1x40x64xf32>) -> tensor<2x40x64xf32>
  %5 = aten.call "aten.linear.default"(%4, %w, %b) : (tensor<2x40x64xf32>, tensor<96x64xf32>, tensor<96xf32>) -> tensor<2x40x96xf32>
  %6 = aten.call "aten.cumsum.default"(%5, 1 : i64) : (tensor<2x40x96xf32>) -> tensor<2x40x96xf32>
  %7 = aten.call "aten.relu.default"(%6) : (tensor<2x40x96xf32>) -> tensor<2x40x96xf32>
  func.return %7 : tensor<2x40x96xf32>
}
// CHECK:      ttcore.device_module {
// CHECK-NEXT:   builtin.module attributes {tilewright.device = "wormhole_n150"} {
// CHECK-NEXT:     func.func private @cpu_hoisted_aten_cumsum_default_[[HASH:[0-9a-f]+]](tensor<2x40x96xf32>) -> tensor<2x40x96xf32>
// Looking the positions up depends on parameters alone.
// CHECK:          func.func private @model_const_eval_{{[0-9]}}(%{{.*}}: tensor<100x64xf32>) -> tensor<1x2x2x!ttcore.tile<32x32, bf16>
// CHECK-NEXT:       %[[IDS:.*]] = "ttir.arange"()
// CHECK-NEXT:       %[[ROWS:.*]] = "ttir.embedding"(%[[IDS]], %{{.*}})
// CHECK-NEXT:       %{{.*}} = tile.tilize %[[ROWS]]
// CHECK-DAG:      tile.queue ram @fc.weight
// CHECK-DAG:      tile.queue ram @fc.bias
// CHECK-DAG:      tile.queue queue @ids
// CHECK:          tile.epoch @model_epoch_0
// CHECK:            tile.embedding
// CHECK:          tile.epoch @model_epoch_1
// CHECK:            tile.add
// CHECK:          tile.epoch @model_epoch_2
// CHECK:            tile.matmul {{.*}} bias {{.*}} at <origin = [0, 0]
// CHECK:          tile.epoch @model_epoch_3
// CHECK:            tile.relu
// CHECK:          tile.program @model
// CHECK:            tile.execute @model_epoch_2
// CHECK:            func.call @cpu_hoisted_aten_cumsum_default_[[HASH]]
// CHECK:            tile.execute @model_epoch_3
// CHECK:            tile.return
// CHECK:      ttcore.cpu_module {
// CHECK:          func.func @cpu_hoisted_aten_cumsum_default_[[HASH]]
// CHECK:            aten.call "aten.cumsum.default"(%{{.*}}, 1 : i64) {tilewright.reasons = ["NO_LOWERING: aten.cumsum.default has no tile-level kernel"]}

// OPTIONS:    builtin.module attributes {tilewright.device = "blackhole_p150"} {
// OPTIONS:    tile.queue ram @fc.weight {{.*}}bfp_bf4
// OPTIONS:    tile.matmul {{.*}}<accumulate = bf16, intermediate = bf16, fidelity = LoFi, rounding = golden>
