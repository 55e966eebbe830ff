// RUN: tt-opt %s -p tilewright | filecheck %s

// Tensors whose elements have the data type of a tile are row-major; what computes on them goes to the host.
// CHECK:      tile.program @f(
// CHECK:        func.call @cpu_hoisted_ttir_matmul_{{[0-9a-f]+}}(
// CHECK:      "ttir.matmul"({{.*}}tilewright.reasons = ["DTYPE: dtype(operand 1) = !ttcore.tile<32x32, bfp_bf8>
func.func @f(%x : tensor<32x64xbf16>, %w : tensor<64x128x!ttcore.tile<32x32, bfp_bf8>>) -> tensor<32x128xbf16> {
  %0 = "ttir.matmul"(%x, %w) : (tensor<32x64xbf16>, tensor<64x128x!ttcore.tile<32x32, bfp_bf8>>) -> tensor<32x128xbf16>
  %1 = "ttir.relu"(%0) : (tensor<32x128xbf16>) -> tensor<32x128xbf16>
  return %1 : tensor<32x128xbf16>
}
