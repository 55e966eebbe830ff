// RUN: tt-opt %s -p ttir-to-tile,tile-assign-formats | filecheck %s
// RUN: tt-opt %s -p 'ttir-to-tile,tile-assign-formats{default-format=Bfp8_b parameter-format=Bfp4_b accumulate-format=Float16_b math-fidelity=LoFi rounding=golden}' | filecheck %s --check-prefix=BFP
// RUN: tt-opt %s -p 'ttir-to-tile,tile-assign-formats{default-format=Float32}' | filecheck %s --check-prefix=F32
// RUN: not tt-opt %s -p 'tile-assign-formats{default-format=Bfp9_b}' 2>&1 | filecheck %s --check-prefix=NAME
// RUN: not tt-opt %s -p 'tile-assign-formats{default-format=Int32}' 2>&1 | filecheck %s --check-prefix=INT
// RUN: not tt-opt %s -p 'tile-assign-formats{accumulate-format=Bfp8_b}' 2>&1 | filecheck %s --check-prefix=DEST
// RUN: not tt-opt %s -p 'tile-assign-formats{math-fidelity=HiFi5}' 2>&1 | filecheck %s --check-prefix=FIDELITY
// RUN: not tt-opt %s -p 'tile-assign-formats{rounding=nearest}' 2>&1 | filecheck %s --check-prefix=ROUNDING

// NAME: error: {{.*}}Bfp9_b
// NAME: did you mean {{.*}}'Bfp8_b'
// INT: error: default-format must be a float format, found Int32
// DEST: error: Dest cannot accumulate in Bfp8_b
// DEST: choose one of Float32, Float16_b, Float16
// FIDELITY: error: there is no math fidelity 'HiFi5'
// FIDELITY: did you mean 'HiFi
// ROUNDING: error: there is no rounding rule 'nearest'
// ROUNDING: golden, packer

// Only what matmuls alone read, as their second operand, is a weight: %w, not %v, which is also returned as it is used.
// Integers keep their format; what does not leave Dest keeps that of Dest.
func.func @formats(%x : tensor<4x8xf32>, %w : tensor<8x8xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>}, %v : tensor<8x8xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>}, %b : tensor<8xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>}, %t : tensor<9x8xf32> {ttcore.argument_type = #ttcore.argument_type<parameter>}, %i : tensor<4xi64>) -> (tensor<4x8xf32>, tensor<8x8xf32>) {
  %0 = "ttir.linear"(%x, %w, %b) : (tensor<4x8xf32>, tensor<8x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %1 = "ttir.matmul"(%0, %v) : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %2 = "ttir.exp"(%v) : (tensor<8x8xf32>) -> tensor<8x8xf32>
  %3 = "ttir.embedding"(%i, %t) : (tensor<4xi64>, tensor<9x8xf32>) -> tensor<4x8xf32>
  %4 = "ttir.add"(%1, %3) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %4, %2 : tensor<4x8xf32>, tensor<8x8xf32>
}
// CHECK-LABEL: func.func @formats
// CHECK-NEXT:    %{{.*}} = tile.tilize %x, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : {{.*}} -> tensor<1x1x!ttcore.tile<32x32, bf16>
// CHECK-NEXT:    %{{.*}} = tile.tilize %w, {{.*}} -> tensor<1x1x!ttcore.tile<32x32, bf16>
// CHECK:         tile.tilize %i, {{.*}} -> tensor<1x1x!ttcore.tile<32x32, si32>
// CHECK:         tile.add {{.*}} -> tensor<1x1x!ttcore.tile<32x32, bf16>
// CHECK:         tile.untilize %{{.*}} : {{.*}} -> tensor<4x8xf32>

// BFP-LABEL: func.func @formats
// BFP-NEXT:      %{{.*}} = tile.tilize %x, <accumulate = bf16, intermediate = bf16, fidelity = LoFi, rounding = golden> : {{.*}} -> tensor<1x1x!ttcore.tile<32x32, bfp_bf8>
// BFP-NEXT:      %{{.*}} = tile.tilize %w, {{.*}} -> tensor<1x1x!ttcore.tile<32x32, bfp_bf4>
// BFP-NEXT:      %{{.*}} = tile.tilize %b, {{.*}} -> tensor<1x1x!ttcore.tile<32x32, bfp_bf8>
// BFP:           tile.matmul {{.*}}<accumulate = bf16, intermediate = bf16, fidelity = LoFi, rounding = golden> {{.*}} -> tensor<1x1x!ttcore.tile<32x32, bfp_bf8>
// BFP-NEXT:      %{{.*}} = tile.tilize %v, {{.*}} -> tensor<1x1x!ttcore.tile<32x32, bfp_bf8>
// A table is read by rows: a row of a block-float tile cannot be copied without its exponents.
// BFP:           tile.tilize %t, {{.*}} -> tensor<1x1x!ttcore.tile<32x32, bf16>

// The engine holds no more of a Float32 weight than Tf32.
// F32-LABEL: func.func @formats
// F32-NEXT:      %{{.*}} = tile.tilize %x, {{.*}} -> tensor<1x1x!ttcore.tile<32x32, f32>
// F32-NEXT:      %{{.*}} = tile.tilize %w, {{.*}} -> tensor<1x1x!ttcore.tile<32x32, tf32>
// F32:           tile.tilize %v, {{.*}} -> tensor<1x1x!ttcore.tile<32x32, f32>
