// RUN: tt-opt %s | tt-opt | filecheck %s
// RUN: tt-opt %s --print-op-generic | tt-opt | filecheck %s

// Element-wise kernels of several operands broadcast by NumPy's rule on logical shapes.

!t = tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
!r = tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>>
!c = tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[20, 1], pad = undef, dram>>

func.func @binary(%x : !t, %r : !r) {
  %add = tile.add %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t, !r -> !t
  %subtract = tile.subtract %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t, !r -> !t
  %multiply = tile.multiply %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t, !r -> !t
  %maximum = tile.maximum %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t, !r -> !t
  %minimum = tile.minimum %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t, !r -> !t
  %eq = tile.eq %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t, !r -> !t
  %ne = tile.ne %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t, !r -> !t
  %lt = tile.lt %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t, !r -> !t
  %le = tile.le %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t, !r -> !t
  %gt = tile.gt %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t, !r -> !t
  %ge = tile.ge %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !t, !r -> !t
  func.return
}
// CHECK-LABEL: func.func @binary(
// CHECK-NEXT{LITERAL}: %add = tile.add %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %subtract = tile.subtract %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %multiply = tile.multiply %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %maximum = tile.maximum %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %minimum = tile.minimum %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %eq = tile.eq %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %ne = tile.ne %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %lt = tile.lt %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %le = tile.le %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %gt = tile.gt %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %ge = tile.ge %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT: func.return

func.func @where(%x : !t, %r : !r, %c : !c) {
  %a = tile.where %c, %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : !c, !t, !r -> !t
  %b = tile.where %c, %x, %r, <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> at <origin = [0, 1], grid = [1, 2], t = 1, mblock = [1, 1], ublock = [1, 1], m_k = 1, u_kt = 1, buffers = 2, resident = [], l1 = 4096> : !c, !t, !r -> !t
  func.return
}
// CHECK-LABEL: func.func @where(
// CHECK-NEXT{LITERAL}: %a = tile.where %c, %x, %r, <accumulate = f32, intermediate = f32, fidelity = HiFi4, rounding = packer> : tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[20, 1], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT{LITERAL}: %b = tile.where %c, %x, %r, <accumulate = bf16, intermediate = bfp_bf8, fidelity = LoFi, rounding = golden> at <origin = [0, 1], grid = [1, 2], t = 1, mblock = [1, 1], ublock = [1, 1], m_k = 1, u_kt = 1, buffers = 2, resident = [], l1 = 4096> : tensor<1x1x!ttcore.tile<32x32, f32>, #tile.layout<[20, 1], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>, tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[1, 40], pad = undef, dram>> -> tensor<1x2x!ttcore.tile<32x32, bf16>, #tile.layout<[20, 40], pad = undef, dram>>
// CHECK-NEXT: func.return
