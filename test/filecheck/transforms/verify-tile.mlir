// RUN: tt-opt %s -p verify-tile | filecheck %s

// Kernels, what enters and leaves tiles, calls of the host and loads.
func.func private @host(tensor<4xf32>) -> tensor<4xf32> attributes {tt.function_type = "forward_cpu_declaration"}
func.func @f(%x : tensor<4xf32>) -> tensor<4xf32> {
  %0 = func.call @host(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = tile.tilize %0, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<4xf32> -> tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = 0.0, dram>>
  %2 = tile.exp %1, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = 0.0, dram>> -> tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = undef, dram>>
  %3 = tile.untilize %2 : tensor<1x1x!ttcore.tile<32x32, bf16>, #tile.layout<[4], pad = undef, dram>> -> tensor<4xf32>
  func.return %3 : tensor<4xf32>
}
// CHECK-LABEL: func.func @f
// CHECK:         %3 = tile.untilize %2
